import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@syszap/platform";
import { PNG } from "pngjs";
import { describe, expect } from "vitest";
import type { EngineListener } from "../../../src/engines/contract/engine.ts";
import { createSimulator, simulatorDefaults } from "../../../src/engines/simulator/index.ts";
import { PhoneMemory } from "../../../src/engines/simulator/phone/memory.ts";
import { Conversation } from "../../../src/engines/simulator/script/conversation.ts";
import { customers } from "../../../src/engines/simulator/script/customers.ts";
import { type SimulatorEvent, test } from "../../support/simulated.ts";

const isQr = (item: SimulatorEvent): item is SimulatorEvent & { kind: "qr" } => item.kind === "qr";
const steps = (conversation: Conversation, count: number) => Array.from({ length: count }, () => conversation.next());

describe("the conversation", () => {
  test("is the same for the same seed, and differs for another seed", () => {
    const first = steps(new Conversation("a"), 300);
    expect(steps(new Conversation("a"), 300)).toEqual(first);
    expect(steps(new Conversation("b"), 300)).not.toEqual(first);
  });

  test("continues from a snapshot", () => {
    const whole = steps(new Conversation("a"), 60);
    const interrupted = new Conversation("a");
    steps(interrupted, 25);
    const snapshot = JSON.parse(JSON.stringify(interrupted.snapshot()));
    expect(steps(new Conversation("other", snapshot), 35)).toEqual(whole.slice(25));
  });

  test("contains everything that an inbox must display: long and right-to-left texts, emoji, lines, links, pictures, new names", () => {
    const written = steps(new Conversation("a"), 1_500);
    const bodies = written.map((step) => step.body);
    expect(bodies.some((body) => body.length > 1_000)).toBe(true);
    expect(bodies.some((body) => /\p{Script=Hebrew}/u.test(body))).toBe(true);
    expect(bodies.some((body) => /\p{Script=Arabic}/u.test(body))).toBe(true);
    expect(bodies.some((body) => /\p{Extended_Pictographic}/u.test(body))).toBe(true);
    expect(bodies.some((body) => body.includes("\n"))).toBe(true);
    expect(bodies.some((body) => body.includes("https://"))).toBe(true);
    expect(written.some((step) => step.file !== undefined && step.body !== "")).toBe(true);
    expect(bodies.filter((body) => /[{}]/.test(body))).toEqual([]);
    const namesOf = new Map<string, Set<string>>();
    for (const { customer } of written) {
      namesOf.set(customer.number, (namesOf.get(customer.number) ?? new Set()).add(customer.name));
    }
    expect([...namesOf.values()].some((names) => names.size > 1)).toBe(true);
    expect(namesOf.size).toBeGreaterThanOrEqual(12);
  });

  test("has customers with distinct Brazilian numbers", () => {
    for (const { number } of customers) expect(number).toMatch(/^55\d{2}9\d{8}$/);
    expect(new Set(customers.map(({ number }) => number)).size).toBe(customers.length);
  });
});

describe("pairing", () => {
  test("emits rotating codes until one is scanned", async ({ simulate }) => {
    const { events, state, phone } = await simulate();
    const [first, second, third] = [await events.next(isQr), await events.next(isQr), await events.next(isQr)];
    expect([first.attempt, second.attempt, third.attempt]).toEqual([1, 2, 3]);
    expect(second.expiresAt.getTime()).toBeGreaterThan(first.expiresAt.getTime());
    phone().scan();
    await state("connected");
  });

  test("scans the code automatically after the given time", async ({ simulate }) => {
    const { state } = await simulate({ scanAfterMs: 5 });
    await state("connected");
  });
});

describe("customers", () => {
  test("write the same messages for the same seed and session, others in another session, and type before each", async ({
    simulate,
  }) => {
    const conversation = async (profile: string) => {
      const { fact, state, events, engine } = await simulate({ scanAfterMs: 1, messagesPerMinute: 60_000 }, profile);
      await state("connected");
      const messages: string[] = [];
      while (messages.length < 25) {
        const { client, body, type } = await fact("message");
        messages.push(`${client?.number} ${client?.name} ${type} ${body}`);
      }
      await engine.stop();
      const kinds = events.all
        .filter((item) => item.kind === "typing" || item.kind === "fact")
        .map((item) => item.kind);
      expect(kinds.slice(0, 3)).toEqual(["typing", "typing", "fact"]);
      return messages;
    };
    const first = await conversation("first/session");
    expect(await conversation("second/session")).toEqual(first);
    expect(await conversation("third/another")).not.toEqual(first);
  });

  test("have pictures, which change by command", async ({ simulate }) => {
    const { engine, state, phone, fact } = await simulate({ scanAfterMs: 1 });
    await state("connected");
    const picture = async () => Buffer.from((await engine.fetchProfilePicture("5511960001842")) ?? []);
    const first = await picture();
    expect(PNG.sync.read(first)).toMatchObject({ width: 120, height: 120 });
    expect(await picture()).toEqual(first);
    phone().changePicture("5511960001842");
    expect(await fact("contact")).toMatchObject({ number: "5511960001842", pictureChanged: true });
    expect(await picture()).not.toEqual(first);
  });

  test("have a new name with their next message", async ({ simulate }) => {
    const { state, phone, fact } = await simulate({ scanAfterMs: 1 });
    await state("connected");
    phone().message({ from: "5511912345678", name: "Bia", body: "oi" });
    phone().rename("5511912345678", "Beatriz");
    phone().message({ from: "5511912345678", body: "oi de novo" });
    expect((await fact("message")).client?.name).toBe("Bia");
    expect((await fact("message")).client?.name).toBe("Beatriz");
  });
});

test("emits the facts of a lost connection in order after it is restored", async ({ simulate }) => {
  const { state, phone, events, fact } = await simulate({ scanAfterMs: 1 });
  await state("connected");
  phone().drop();
  await state("reconnecting");
  const first = phone().message({ from: "5511960001842", body: "um" });
  phone().edit(first.waKey, "um!");
  expect(events.all.filter((item) => item.kind === "fact")).toEqual([]);
  phone().restore();
  await state("connected");
  expect(await fact("message")).toMatchObject({ waKey: first.waKey, body: "um" });
  expect(await fact("edit")).toMatchObject({ waKey: first.waKey, body: "um!", direction: 0 });
});

test("a stop waits for a start in progress, so that nothing is written afterwards", async () => {
  const directory = await mkdtemp(join(tmpdir(), "stopped-phone-"));
  const engine = createSimulator(simulatorDefaults)({
    companyId: "company",
    sessionId: "session",
    profileDirectory: join(directory, "profile"),
    listener: {} as EngineListener, // not called, since the engine stops first
    log: createLogger({ service: "test", level: "silent" }),
  });
  const starting = engine.start();
  await engine.stop();
  await rm(directory, { recursive: true });
  await starting;
  expect(existsSync(directory)).toBe(false);
});

test("remembers a limited number of contacts, the newest ones", async ({ onTestFinished }) => {
  const directory = await mkdtemp(join(tmpdir(), "phone-memory-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const memory = await PhoneMemory.load(directory, "session");
  const number = (index: number) => String(5_511_900_000_000 + index);
  for (let index = 0; index <= 10_000; index += 1) memory.rename(number(index), "Ana");
  await memory.save();
  const names = Object.keys(memory.remembered.names);
  expect(names).toHaveLength(10_000);
  expect(names).not.toContain(number(0));
  expect(names).toContain(number(10_000));
});
