import { expect } from "vitest";
import { chatRefusal, refusal } from "../../src/engines/contract/engine.ts";
import { connected, signalQueued, statusOf } from "../support/outbound.ts";
import { test } from "../support/test-environment.ts";

test("a chat that WhatsApp refuses fails after a few attempts, without delaying others or opening the breaker", async ({
  environment,
}) => {
  const { engine, queue, sessionId, companyId } = await connected(environment);
  const other = await environment.chat(companyId, sessionId, "5521977776666");
  engine.onSend = async ({ body }) => {
    if (body.startsWith("recusada")) throw chatRefusal("No LID for user");
  };
  const refused = [await queue("recusada 1"), await queue("recusada 2")];
  const accepted = await other.queue("aceita");
  await signalQueued(environment, sessionId);
  await statusOf(environment, accepted.id, "sent");
  for (const { id } of refused) {
    const { event } = await statusOf(environment, id, "failed");
    expect(event.data.Reason).toBe("chat_refused");
  }
  const attempts = engine.asked.all.filter(({ what, message }) => what === "send" && "body" in message);
  expect(attempts.filter(({ message }) => message.waKey === attempts[0]?.message.waKey)).toHaveLength(4);
  const [pacing] = await environment.sql("select * from session_pacing where session_id = $1", [sessionId]);
  expect(pacing?.failures ?? 0).toBe(0);
});

test("asks again when WhatsApp answers that a number has no account", async ({ environment }) => {
  const { engine, queue, sessionId } = await connected(environment);
  let answers = 0;
  engine.onSend = async () => {
    answers += 1;
    if (answers === 1) throw refusal("no_whatsapp");
  };
  const message = await queue("alô?");
  await signalQueued(environment, sessionId);
  await statusOf(environment, message.id, "sent");
  expect(answers).toBe(2);
});
