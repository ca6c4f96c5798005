import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "@syszap/platform";
import { type Phone, type StandIn, startStandIn } from "@syszap/testing/whatsapp-web-stand-in";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { CreateEngine, Engine } from "../src/engines/engine.ts";
import { createWppconnectEngine } from "../src/engines/wppconnect/index.ts";
import { Heard } from "./engine-heard.ts";

const shop = "5511999990000";
const ana = "5511988887777";
const key = () => `3EB0${crypto.randomUUID().replaceAll("-", "").slice(0, 18).toUpperCase()}`;

/** Only of browsers on this profile: others may run beside. */
async function browsersOn(profileDirectory: string): Promise<number> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const lines = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return lines.filter((line) => line.includes(profileDirectory)).length;
}

describe("the wppconnect engine in a real browser", { timeout: 30_000 }, () => {
  let standIn: StandIn;
  let phone: Phone;
  let profileDirectory: string;
  let create: CreateEngine;
  let engine: Engine | undefined;
  let heard: Heard;

  const start = async () => {
    heard = new Heard();
    engine = create({
      companyId: crypto.randomUUID(),
      sessionId: crypto.randomUUID(),
      profileDirectory,
      listener: heard.listener,
      log: createLogger({ service: "test", level: process.env.LOG_LEVEL ?? "silent" }),
    });
    await engine.start();
    return engine;
  };
  const message = (body: string) => heard.fact("message", (fact) => fact.body === body);

  beforeAll(async () => {
    standIn = await startStandIn();
    phone = standIn.phone(shop, "Loja");
    profileDirectory = await mkdtemp(join(tmpdir(), "wppconnect-engine-"));
    create = createWppconnectEngine({ standIn: standIn.address });
  });
  afterEach(async () => {
    await engine?.stop();
    engine = undefined;
  });
  afterAll(async () => {
    await standIn.close();
    await rm(profileDirectory, { recursive: true, force: true });
  });

  test("a scanned code links the phone, messages go both ways, and nothing is left after stop", async () => {
    const running = await start();
    const { raw, attempt } = await heard.code();
    expect(attempt).toBe(1);
    standIn.scan(raw, phone);
    expect(await heard.state("connected")).toEqual({ phoneNumber: shop });
    expect(heard.details).toEqual(["starting", "qr", "syncing", "connected"]);

    const waKey = phone.receive({ from: ana, name: "Ana", body: "Olá 👋\nsegunda linha" });
    expect(await message("Olá 👋\nsegunda linha")).toMatchObject({
      ...{ waKey, waChatId: `${ana}@c.us`, direction: 0, type: "text", isHistory: false },
      client: { number: ana, name: "Ana" },
    });

    const ours = key();
    await running.send({ waKey: ours, waChatId: `${ana}@c.us`, body: "Bom dia" });
    expect(phone.sent).toContainEqual({ kind: "sent", key: ours, to: ana, body: "Bom dia" });
    await heard.fact("ack", (fact) => fact.waKey === ours && fact.status === "read");
    expect(await running.find(`${ana}@c.us`, ours)).toBe("accepted");
    expect(await running.find(`${ana}@c.us`, key())).toBe("absent");
    expect(heard.facts.some((fact) => fact.kind === "message" && fact.waKey === ours)).toBe(false);

    await running.stop();
    expect(await browsersOn(profileDirectory)).toBe(0);
  });
});
