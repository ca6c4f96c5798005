import { expect } from "vitest";
import { type TestEnvironment, test } from "../support/test-environment.ts";

const times = { manager: { renewEveryMs: 100 }, identity: { heartbeatEveryMs: 50 } };
const ownerOf = async (environment: TestEnvironment, sessionId: string) => {
  const [row] = await environment.sql("select owner from session_leases where session_id = $1", [sessionId]);
  return row?.owner;
};
async function connected(environment: TestEnvironment): Promise<string> {
  const { id } = await environment.session(await environment.company());
  await environment.status(id, "connected");
  return id;
}

test("a draining connector hands its sessions over as far as others have room, and claims none", async ({
  environment,
}) => {
  const { connectors } = environment.db.system;
  await environment.connector("a", { times });
  const sessions = [await connected(environment), await connected(environment)];
  await environment.connector("b", { times, env: { MAX_SESSIONS: "1" } });
  await connectors.setState("a", "draining");
  await expect.poll(async () => (await connectors.loads()).map((load) => load.sessions.length)).toEqual([1, 1]);
  const moved = (await ownerOf(environment, sessions[0] ?? "")) === "b" ? sessions[0] : sessions[1];
  await environment.status(moved ?? "", "connected");
  // The last one stays where it runs, because nobody has room for it.
  expect(await connectors.roomElsewhere("a")).toBe(0);
  expect(await connectors.unclaimedSessions()).toBe(0);

  await environment.connector("c", { times });
  await expect.poll(async () => (await connectors.loads()).map((load) => load.sessions.length)).toEqual([0, 1, 1]);
});

test("a cordoned connector keeps its sessions and claims no others", async ({ environment }) => {
  const { connectors } = environment.db.system;
  await environment.connector("a", { times });
  const first = await connected(environment);
  await connectors.setState("a", "cordoned");
  const { id } = await environment.session(await environment.company());
  await expect.poll(() => connectors.unclaimedSessions()).toBe(1);
  await connectors.setState("a", "active");
  await environment.publisher.wake();
  await environment.status(id, "connected");
  expect(await ownerOf(environment, first)).toBe("a");
  const [lease] = await environment.sql("select generation from session_leases where session_id = $1", [first]);
  expect(lease).toEqual({ generation: "1" });
});

test("a session that should move is claimed by its target, though another connector could claim it first", async ({
  environment,
}) => {
  const { connectors } = environment.db.system;
  await environment.connector("a", { times });
  const id = await connected(environment);
  await environment.connector("b", { times });
  await environment.connector("c", { times });
  expect(await connectors.move([{ sessionId: id, from: "a", to: "c" }])).toBe(1);
  await environment.status(id, "reconnecting");
  await environment.status(id, "connected");
  expect(await ownerOf(environment, id)).toBe("c");
  expect(await connectors.move([{ sessionId: id, from: "a", to: "b" }])).toBe(0); // it has moved meanwhile
});
