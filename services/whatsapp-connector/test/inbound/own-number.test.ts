import { expect } from "vitest";
import type { EngineFact } from "../../src/engines/contract/engine.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

const own = "5511999990000";
const lid = "88123456789012";

const messageFact = (waKey: string, number: string, ids: { lid?: string } = {}): EngineFact => ({
  kind: "message",
  ...{ waKey, direction: 0, type: "text", body: "oi", timestampMs: Date.now(), isHistory: false },
  ...{ waChatId: ids.lid === number ? `${number}@lid` : `${number}@c.us`, client: { number, name: null, ...ids } },
});

async function linked(environment: TestEnvironment) {
  const companyId = await environment.company();
  const engine = new ScriptedEngine();
  engine.onStart = (listener) => listener.state("connected", { phoneNumber: own });
  environment.takeJobs();
  await environment.connector("a", { engines: { simulator: engine.create } });
  const session = await environment.session(companyId);
  await environment.status(session.id, "connected");
  return engine;
}

test("a note of the phone's owner to the own number, in any of its forms, is no message of a client", async ({
  environment,
}) => {
  const engine = await linked(environment);
  engine.emit().fact(messageFact("OWN", own));
  engine.emit().fact(messageFact("OLD-FORM", "551199990000"));
  engine.emit().fact(messageFact("CLIENT", "5511988887777"));
  await environment.job("message", ({ waKey }) => waKey === "CLIENT");
  expect(environment.jobs.all.filter(({ name }) => name === "message")).toHaveLength(1);
});

test("asks for the picture of a contact without a known number by its LID", async ({ environment }) => {
  const engine = await linked(environment);
  const asked: string[] = [];
  engine.onPicture = async (contact) => {
    asked.push(contact);
    return null;
  };
  engine.emit().fact(messageFact("LID", lid, { lid }));
  const { data } = await environment.job("contact");
  expect(asked).toEqual([`${lid}@lid`]);
  expect(data).toMatchObject({ number: lid, lid, picture: null });
});

test("marks a message that reaches the connector long after it was written", async ({ environment }) => {
  const engine = await linked(environment);
  const fact = messageFact("LATE", "5511988887777");
  engine.emit().fact({ ...fact, timestampMs: Date.now() - 120_000 });
  engine.emit().fact(messageFact("LIVE", "5511988887777"));
  expect((await environment.job("message", ({ waKey }) => waKey === "LATE")).data.isLate).toBe(true);
  expect((await environment.job("message", ({ waKey }) => waKey === "LIVE")).data.isLate).toBeUndefined();
});
