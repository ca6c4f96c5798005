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
  return (order: string, body: string | object = {}) =>
    request(server)
      .post(`/simulator/sessions/${sessionId}/${order}`)
      .set("content-type", "application/json")
      .send(body);
}

test("a customer's message is written on order, and its answer names it", async ({ simulate }) => {
  const { state, phone, fact } = await simulate({ scanAfterMs: 1 });
  await state("connected");
  const order = serve(phone());
  const before = Date.now();
  const { body } = await order("message", { from: "5511912345678", name: "Bia", body: "oi", image: true }).expect(200);
  expect(body.emittedAtMs).toBeGreaterThanOrEqual(before);
  expect(await fact("message")).toMatchObject({
    waKey: body.waKey,
    type: "image",
    body: "oi",
    client: { name: "Bia" },
  });
});

test("many messages on one order are written in its order, at its pace, and answered when the last was", async ({
  simulate,
}) => {
  const { state, phone, fact } = await simulate({ scanAfterMs: 1 });
  await state("connected");
  const messages = ["um", "dois", "três"].map((body) => ({ from: "5511912345678", body }));
  const startedAt = performance.now();
  await serve(phone())("messages", { messages, everyMs: 20 }).expect(200);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(39);
  for (const { body } of messages) expect(await fact("message")).toMatchObject({ body });
});

test("each order does what WhatsApp or a person would do", async ({ simulate }) => {
  const { state, phone, fact, said } = await simulate({ scanAfterMs: 0 });
  const order = serve(phone());
  await order("scan").expect(200, {});
  await state("connected");
  const from = "5511912345678";
  const { waKey } = (await order("message", { from, body: "oi" })).body;
  await order("edit", { waKey, body: "olá" }).expect(200);
  expect(await fact("edit")).toMatchObject({ waKey, body: "olá", direction: 0 });
  await order("reaction", { waKey, emoji: "👍" }).expect(200);
  expect(await fact("reaction")).toMatchObject({ waKey, emoji: "👍", from: "client" });
  await order("revoke", { waKey }).expect(200);
  expect(await fact("revoke")).toMatchObject({ waKey });
  await order("ack", { waKey: "ours", status: "played" }).expect(200);
  expect(await fact("ack")).toMatchObject({ waKey: "ours", status: "played", direction: 1 });
  await order("picture", { from }).expect(200);
  expect(await fact("contact")).toMatchObject({ number: from, pictureChanged: true });
  await order("typing", { from, state: "recording" }).expect(200);
  await said.next((item) => item.kind === "typing" && item.state === "recording");
  await order("rename", { from, name: "Beatriz" }).expect(200);
  await order("message", { from, body: "sou eu", isHistory: true }).expect(200);
  await fact("message");
  expect(await fact("message")).toMatchObject({ client: { name: "Beatriz" }, isHistory: true });
  await order("drop").expect(200);
  await state("reconnecting");
  await order("restore").expect(200);
  await state("connected");
  await order("traffic", { perMinute: 60_000 }).expect(200);
  await fact("message");
  await order("unlink").expect(200);
  await state("logged_out");
});

test("what was done from here is told on order, the last hundred of it", async ({ simulate }) => {
  const { engine, state, phone } = await simulate({ scanAfterMs: 1 });
  await state("connected");
  const order = serve(phone());
  await order("acts").expect(200, { acts: [] });
  const number = "5511912345678";
  const waChatId = `${number}@c.us`;
  await engine.setTyping(waChatId, "composing");
  for (let n = 1; n <= 100; n++) await engine.send({ kind: "text", waKey: `3EB0${n}`, waChatId, body: `oi ${n}` });
  const { acts } = (await order("acts").expect(200)).body;
  expect(acts).toHaveLength(100);
  expect(acts[0]).toEqual({ kind: "sent", waKey: "3EB01", number, body: "oi 1" });
  expect(acts[99]).toMatchObject({ body: "oi 100" });
});

test("an order that is none is refused with its reason", async ({ simulate }) => {
  const { state, phone } = await simulate({ scanAfterMs: 1 });
  await state("connected");
  const order = serve(phone());
  await order("explode").expect(404);
  await order("toString").expect(404);
  await order("message", "{not json").expect(400);
  const refused = await order("message", { from: "Bia" }).expect(422);
  expect(refused.body.detail).toContain("from");
  await serve()("scan").expect(404);
});
