import { randomUUID } from "node:crypto";
import { createLogger } from "@syszap/platform";
import { expect } from "vitest";
import { ConnectorIdentity, ConnectorIdInUseError, type IdentityTimes } from "../../src/identity/connector-identity.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

const log = createLogger({ service: "test", level: "silent" });
const day = 86_400_000;
const claim = ({ db }: TestEnvironment, times?: Partial<IdentityTimes>) =>
  ConnectorIdentity.claim({
    connectors: db.system.connectors,
    process: { id: "a", version: "1", maxSessions: 5 },
    log,
    ...(times && { times }),
  });
/** Records a process of another machine under the id "a". */
async function recordElsewhere({ db }: TestEnvironment): Promise<{ id: string; nonce: string }> {
  const other = { id: "a", nonce: randomUUID(), host: "elsewhere", processSpace: "other", pid: 7 };
  await db.system.connectors.record({ ...other, version: "1", maxSessions: 5 }, undefined);
  return other;
}

test("a second process under an id does not start, and the first one keeps its sessions", async ({ environment }) => {
  const first = await environment.process("a");
  const companyId = await environment.company();
  const { id } = await environment.session(companyId);
  await environment.status(id, "connected");
  const second = claim(environment);
  await expect(second).rejects.toThrow(ConnectorIdInUseError);
  await expect(second).rejects.toThrow(`(process ${first.pid}, since`);
  const [row] = await environment.sql("select pid from connectors where id = 'a'");
  expect(row).toEqual({ pid: first.pid });
});

test("the next process starts at once when the earlier one was killed or stopped in order", async ({ environment }) => {
  const first = await environment.process("a");
  await first.kill();
  // Waiting for silence would take a day.
  const second = await claim(environment, { silenceMs: day });
  await second.stop();
  await environment.sql("update connectors set process_space = 'other'");
  expect((await claim(environment, { silenceMs: day })).nonce).not.toBe(second.nonce);
});

test("a process of another machine is replaced only after its heartbeat ended", async ({ environment }) => {
  const other = await recordElsewhere(environment);
  const beating = setInterval(() => void environment.db.system.connectors.beat(other), 20);
  await expect(claim(environment, { silenceMs: day })).rejects.toThrow("already runs on host elsewhere");
  clearInterval(beating);
  await expect
    .poll(() =>
      claim(environment, { silenceMs: 500 }).then(
        ({ id }) => id,
        () => undefined,
      ),
    )
    .toBe("a");
  expect(await environment.db.system.connectors.beat(other)).toBeUndefined();
});

test("a replaced process stops its sessions and claims none", async ({ environment }) => {
  await environment.connector("a", { times: { identity: { heartbeatEveryMs: 20 } } });
  const companyId = await environment.company();
  const { id } = await environment.session(companyId);
  await environment.status(id, "connected");
  await environment.sql("update connectors set nonce = gen_random_uuid()");
  await environment.stopped("a");
  const { leases } = environment.db.system;
  expect(await leases.claim({ connectorId: "a", nonce: randomUUID(), limit: 9, holding: [] })).toEqual([]);
  const [lease] = await environment.sql("select generation from session_leases where session_id = $1", [id]);
  expect(lease).toEqual({ generation: "1" });
});
