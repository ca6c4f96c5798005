import { PNG } from "pngjs";
import { describe, expect } from "vitest";
import { Conversation } from "../../../src/engines/simulator/script/conversation.ts";
import { customers } from "../../../src/engines/simulator/script/customers.ts";
import { type Said, test } from "../../support/simulated.ts";

const isQr = (item: Said): item is Said & { kind: "qr" } => item.kind === "qr";
const steps = (conversation: Conversation, count: number) => Array.from({ length: count }, () => conversation.next());

describe("the conversation", () => {
  test("is the same for the same seed, and another for another seed", () => {
    const first = steps(new Conversation("a"), 300);
    expect(steps(new Conversation("a"), 300)).toEqual(first);
    expect(steps(new Conversation("b"), 300)).not.toEqual(first);
  });

  test("goes on where it was when it is resumed from a snapshot", () => {
    const whole = steps(new Conversation("a"), 60);
    const begun = new Conversation("a");
    steps(begun, 25);
    const kept = JSON.parse(JSON.stringify(begun.snapshot()));
    expect(steps(new Conversation("other", kept), 35)).toEqual(whole.slice(25));
  });

  test("holds all that an inbox must show: long, right-to-left, emoji, lines, links, pictures, new names", () => {
    const written = steps(new Conversation("a"), 1_500);
    const bodies = written.map((step) => step.body);
    expect(bodies.some((body) => body.length > 1_000)).toBe(true);
    expect(bodies.some((body) => /\p{Script=Hebrew}/u.test(body))).toBe(true);
    expect(bodies.some((body) => /\p{Script=Arabic}/u.test(body))).toBe(true);
    expect(bodies.some((body) => /\p{Extended_Pictographic}/u.test(body))).toBe(true);
    expect(bodies.some((body) => body.includes("\n"))).toBe(true);
    expect(bodies.some((body) => body.includes("https://"))).toBe(true);
    expect(written.some((step) => step.imageSeed !== undefined && step.body !== "")).toBe(true);
    expect(bodies.filter((body) => /[{}]/.test(body))).toEqual([]);
    const namesOf = new Map<string, Set<string>>();
    for (const { customer } of written) {
      namesOf.set(customer.number, (namesOf.get(customer.number) ?? new Set()).add(customer.name));
    }
    expect([...namesOf.values()].some((names) => names.size > 1)).toBe(true);
    expect(namesOf.size).toBeGreaterThanOrEqual(12);
  });

  test("has customers with Brazilian numbers, each once", () => {
    for (const { number } of customers) expect(number).toMatch(/^55\d{2}9\d{8}$/);
    expect(new Set(customers.map(({ number }) => number)).size).toBe(customers.length);
  });
});

describe("pairing", () => {
  test("shows codes that rotate until one is scanned", async ({ simulate }) => {
    const { said, state, phone } = await simulate();
    const [first, second, third] = [await said.next(isQr), await said.next(isQr), await said.next(isQr)];
    expect([first.attempt, second.attempt, third.attempt]).toEqual([1, 2, 3]);
    expect(second.expiresAt.getTime()).toBeGreaterThan(first.expiresAt.getTime());
    phone().scan();
    await state("connected");
  });

  test("is scanned by itself after the given time", async ({ simulate }) => {
    const { state } = await simulate({ scanAfterMs: 5 });
    await state("connected");
  });
});

describe("customers", () => {
  test("write the same messages for the same seed, typing before each", async ({ simulate }) => {
    const talk = async () => {
      const { fact, state, said, engine } = await simulate({ scanAfterMs: 1, messagesPerMinute: 60_000 });
      await state("connected");
      const heard: string[] = [];
      while (heard.length < 25) {
        const { client, body, type } = await fact("message");
        heard.push(`${client.number} ${client.name} ${type} ${body}`);
      }
      await engine.stop();
      const kinds = said.all.filter((item) => item.kind === "typing" || item.kind === "fact").map((item) => item.kind);
      expect(kinds.slice(0, 3)).toEqual(["typing", "typing", "fact"]);
      return heard;
    };
    expect(await talk()).toEqual(await talk());
  });

  test("have pictures, which change when they do", async ({ simulate }) => {
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

  test("show a new name with their next message", async ({ simulate }) => {
    const { state, phone, fact } = await simulate({ scanAfterMs: 1 });
    await state("connected");
    phone().message({ from: "5511912345678", name: "Bia", body: "oi" });
    phone().rename("5511912345678", "Beatriz");
    phone().message({ from: "5511912345678", body: "oi de novo" });
    expect((await fact("message")).client.name).toBe("Bia");
    expect((await fact("message")).client.name).toBe("Beatriz");
  });
});

test("what happens while the connection is down arrives once it is back, in order", async ({ simulate }) => {
  const { state, phone, said, fact } = await simulate({ scanAfterMs: 1 });
  await state("connected");
  phone().drop();
  await state("reconnecting");
  const first = phone().message({ from: "5511960001842", body: "um" });
  phone().edit(first.waKey, "um!");
  expect(said.all.filter((item) => item.kind === "fact")).toEqual([]);
  phone().restore();
  await state("connected");
  expect(await fact("message")).toMatchObject({ waKey: first.waKey, body: "um" });
  expect(await fact("edit")).toMatchObject({ waKey: first.waKey, body: "um!", direction: 0 });
});
