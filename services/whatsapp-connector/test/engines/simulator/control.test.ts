import { createServer } from "node:http";
import request from "supertest";
import { expect } from "vitest";
import { EngineControls } from "../../../src/engines/contract/controls.ts";
import { simulatorControl } from "../../../src/engines/simulator/index.ts";
import type { PhoneControl } from "../../../src/engines/simulator/phone-control.ts";
import { test } from "../../support/simulated.ts";

const sessionId = "0195b1c4-7a2e-7c3d-9e4f-5a6b7c8d9e0f";

function serve(phone?: PhoneControl) {
  const controls = new EngineControls();
  if (phone) controls.add(sessionId, phone);
  const handle = simulatorControl(controls);
  const server = createServer((req, res) => {
    void handle(req, res).then((isHandled) => isHandled || res.writeHead(418).end());
  });
  return (command: string, body: string | object = {}) =>
    request(server)
      .post(`/simulator/sessions/${sessionId}/${command}`)
      .set("content-type", "application/json")
      .send(body);
}

test("emits a customer's message and responds with its key", async ({ simulate }) => {
  const { state, phone, fact } = await simulate({ scanAfterMs: 1 });
  await state("connected");
  const send = serve(phone());
  const before = Date.now();
  const { body } = await send("message", { from: "5511912345678", name: "Bia", body: "oi", image: true }).expect(200);
  expect(body.emittedAtMs).toBeGreaterThanOrEqual(before);
  expect(await fact("message")).toMatchObject({
    waKey: body.waKey,
    type: "image",
    body: "oi",
    client: { name: "Bia" },
  });
});

test("emits several messages of one command in order, and responds after the last one", async ({ simulate }) => {
  const { state, phone, fact } = await simulate({ scanAfterMs: 1 });
  await state("connected");
  const messages = ["um", "dois", "três"].map((body) => ({ from: "5511912345678", body }));
  await serve(phone())("messages", { messages, everyMs: 20 }).expect(200);
  for (const { body } of messages) expect(await fact("message")).toMatchObject({ body });
});

test("carries out each command as WhatsApp or its users would", async ({ simulate }) => {
  const { state, phone, fact, events } = await simulate({ scanAfterMs: 0 });
  const send = serve(phone());
  await send("scan").expect(200, {});
  await state("connected");
  const from = "5511912345678";
  const { waKey } = (await send("message", { from, body: "oi" })).body;
  await send("edit", { waKey, body: "olá" }).expect(200);
  expect(await fact("edit")).toMatchObject({ waKey, body: "olá", direction: 0 });
  await send("reaction", { waKey, emoji: "👍" }).expect(200);
  expect(await fact("reaction")).toMatchObject({ waKey, emoji: "👍", from: "client" });
  await send("revoke", { waKey }).expect(200);
  expect(await fact("revoke")).toMatchObject({ waKey });
  await send("ack", { waKey: "outgoing", status: "played" }).expect(200);
  expect(await fact("ack")).toMatchObject({ waKey: "outgoing", status: "played", direction: 1 });
  await send("picture", { from }).expect(200);
  expect(await fact("contact")).toMatchObject({ number: from, pictureChanged: true });
  await send("typing", { from, state: "recording" }).expect(200);
  await events.next((item) => item.kind === "typing" && item.state === "recording");
  await send("rename", { from, name: "Beatriz" }).expect(200);
  await send("message", { from, body: "sou eu", isHistory: true }).expect(200);
  await fact("message");
  expect(await fact("message")).toMatchObject({ client: { name: "Beatriz" }, isHistory: true });
  await send("drop").expect(200);
  await state("reconnecting");
  await send("restore").expect(200);
  await state("connected");
  await send("traffic", { perMinute: 60_000 }).expect(200);
  await fact("message");
  await send("unlink").expect(200);
  await state("logged_out");
});

test("responds with the last 100 actions of the engine", async ({ simulate }) => {
  const { engine, state, phone } = await simulate({ scanAfterMs: 1 });
  await state("connected");
  const send = serve(phone());
  await send("acts").expect(200, { acts: [] });
  const number = "5511912345678";
  const waChatId = `${number}@c.us`;
  await engine.setTyping(waChatId, "composing");
  for (let n = 1; n <= 100; n++) await engine.send({ kind: "text", waKey: `3EB0${n}`, waChatId, body: `oi ${n}` });
  const { acts } = (await send("acts").expect(200)).body;
  expect(acts).toHaveLength(100);
  expect(acts[0]).toEqual({ kind: "sent", waKey: "3EB01", number, body: "oi 1" });
  expect(acts[99]).toMatchObject({ body: "oi 100" });
});

test("refuses an unknown or invalid command with the reason", async ({ simulate }) => {
  const { state, phone } = await simulate({ scanAfterMs: 1 });
  await state("connected");
  const send = serve(phone());
  await send("explode").expect(404);
  await send("toString").expect(404);
  await send("message", "{not json").expect(400);
  await send("message", { from: "5511912345678", body: "x".repeat(1_100_000) }).expect(413);
  const refused = await send("message", { from: "Bia" }).expect(422);
  expect(refused.body.detail).toContain("from");
  await serve()("scan").expect(404);
});
