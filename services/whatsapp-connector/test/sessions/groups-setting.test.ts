import { expect } from "vitest";
import type { EngineFact } from "../../src/engines/contract/engine.ts";
import { emptyPage, ScriptedEngine } from "../support/scripted-engine.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

const group = "120363000000000000@g.us";
const ana = { number: "5511988887777", name: "Ana" };

const groupMessage = (waKey: string, timestampMs = Date.now()): EngineFact => ({
  kind: "message",
  ...{ waKey, waChatId: group, direction: 0, type: "text", body: "oi", sender: ana, mentionsUs: true },
  ...{ timestampMs, isHistory: false },
});
const clientMessage = (waKey: string, waChatId = `${ana.number}@c.us`): EngineFact => ({
  kind: "message",
  ...{ waKey, waChatId, direction: 0, type: "text", body: "oi", client: ana },
  ...{ timestampMs: Date.now(), isHistory: false },
});

async function connected(environment: TestEnvironment, times = {}) {
  const companyId = await environment.company();
  const engine = new ScriptedEngine();
  engine.onListChats = async () => [];
  const connector = await environment.connector("a", { engines: { simulator: engine.create }, times });
  const session = await environment.session(companyId);
  await environment.status(session.id, "connected");
  environment.takeJobs();
  const set = (isEnabled: boolean) =>
    environment.db.withCompany(companyId, ({ sessions }) => sessions.setGroups(session.id, isEnabled));
  const signal = () => environment.publisher.command(companyId, { kind: "groups_changed", sessionId: session.id });
  const switched = () => engine.calls.next(({ what }) => what === "includeGroups");
  const metrics = async () => (await fetch(`http://127.0.0.1:${connector.port}/metrics`)).text();
  return { companyId, session, engine, set, signal, switched, metrics };
}

test("receives groups only while they are switched on, without a restart, and counts the others", async ({
  environment,
}) => {
  const { engine, set, signal, switched, metrics } = await connected(environment);
  engine.emit().fact(groupMessage("OFF"));
  await set(true);
  await signal();
  expect((await switched()).args).toEqual([true]);
  engine.emit().fact(groupMessage("ON"));
  const { data } = await environment.job("message");
  expect(data).toMatchObject({ waKey: "ON", waChatId: group, sender: ana, mentionsUs: true });
  expect(data).not.toHaveProperty("client");
  await set(false);
  await signal();
  expect((await switched()).args).toEqual([false]);
  engine.emit().fact(groupMessage("OFF AGAIN"));
  engine.emit().fact(clientMessage("LAST"));
  expect((await environment.job("message")).data.waKey).toBe("LAST");
  expect(await metrics()).toMatch(/facts_skipped_total\{reason="group",.*\} 2/);
  expect(engine.starts.all).toHaveLength(1);
  expect(engine.starts.all[0]?.groups).toBe(false);
});

test("applies the setting although its signal was lost, and fetches what was dropped meanwhile", async ({
  environment,
}) => {
  const { engine, set, switched } = await connected(environment, { manager: { renewEveryMs: 50 } });
  const dropped = groupMessage("DROPPED", Date.now() + 1_000);
  engine.onListChats = async () => [{ chat: group, newestMs: Date.now() + 1_000, unread: 1 }];
  engine.onReadHistory = async () => ({ ...emptyPage, facts: [dropped] });
  engine.emit().fact(dropped);
  await set(true);
  expect((await switched()).args).toEqual([true]);
  expect((await environment.job("message")).data.waKey).toBe("DROPPED");
});

test("an engine that is started while groups are on includes them at once", async ({ environment }) => {
  const { engine, set, switched, session, companyId } = await connected(environment, { manager: { renewEveryMs: 50 } });
  await set(true);
  await switched();
  await environment.want(session, companyId, "stopped");
  await environment.status(session.id, "stopped");
  await environment.want(session, companyId, "running");
  await environment.status(session.id, "connected");
  expect(engine.starts.all.map(({ groups }) => groups)).toEqual([false, true]);
});

test("statuses, broadcast lists, channels and messages from before the switch stay out", async ({ environment }) => {
  const { engine, set, switched, metrics, signal } = await connected(environment);
  await set(true);
  await signal();
  await switched();
  for (const id of ["status@broadcast", "1203@newsletter", "77@broadcast"])
    engine.emit().fact(clientMessage(`OUT ${id}`, id));
  engine.emit().fact(groupMessage("BEFORE", Date.now() - 3_600_000));
  engine.emit().fact(groupMessage("LAST"));
  expect((await environment.job("message")).data.waKey).toBe("LAST");
  const text = await metrics();
  for (const reason of ["status", "broadcast", "newsletter", "group"])
    expect(text).toMatch(new RegExp(`facts_skipped_total\\{reason="${reason}",.*\\} 1`));
});

test("fetches the picture of a group once, and again when it changed", async ({ environment }) => {
  const { engine, set, switched, signal } = await connected(environment);
  let pictures = 0;
  const fetched: string[] = [];
  engine.onPicture = async (id) => {
    fetched.push(id);
    return Buffer.from(`picture ${pictures++}`);
  };
  await set(true);
  await signal();
  await switched();
  const description: EngineFact = { kind: "group", waChatId: group, subject: "Bairro", isMember: true, timestampMs: 1 };
  engine.emit().fact(description);
  const first = await environment.job("group", ({ picture }) => picture !== undefined);
  expect(first.data).toMatchObject({ waChatId: group, picture: { size: 9 } });
  await environment.job("group", ({ subject }) => subject === "Bairro");
  engine.emit().fact({ ...description, timestampMs: 2 });
  engine.emit().fact({ kind: "group", waChatId: group, pictureChanged: true, timestampMs: 3 });
  const second = await environment.job("group", ({ picture }) => picture !== undefined);
  expect(second.data.picture?.sha256).not.toBe(first.data.picture?.sha256);
  expect(fetched).toEqual([group, group]);
});
