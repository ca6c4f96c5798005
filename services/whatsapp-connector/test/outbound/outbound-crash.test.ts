import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect } from "vitest";
import { bodiesSent, connected, signalQueued, statusOf } from "../support/outbound.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

/** Lets every update to status "sent" fail until `release` is called. */
async function holdRecords(environment: TestEnvironment): Promise<{ release(): Promise<void> }> {
  await environment.sql(`
    create function wait_for_test() returns trigger language plpgsql as $$
    begin
      if new.status = 'sent' and exists (select from records_held) then raise exception 'held by a test'; end if;
      return new;
    end $$;
    create table records_held (reason text);
    grant select on records_held to public;
    insert into records_held values ('test');
    create trigger wait_for_test before update on messages for each row execute function wait_for_test();`);
  return { release: async () => void (await environment.sql("delete from records_held")) };
}

/** Keys of the messages that the simulated phone accepted, read from its connector's disk. */
async function acceptedOnDisk(environment: TestEnvironment, sessionId: string): Promise<string[]> {
  const path = join(environment.directory, "profiles", sessionId, "simulated-phone.json");
  return (JSON.parse(await readFile(path, "utf8")) as { accepted: string[] }).accepted;
}
const rowOf = async (environment: TestEnvironment, id: string) =>
  (await environment.sql("select status, attempts, wa_key from messages where id = $1", [id]))[0];

describe("after its owner died", { timeout: 300_000 }, () => {
  test("between sending and recording: the next owner asks WhatsApp first and does not send again", async ({
    environment,
  }) => {
    const companyId = await environment.company();
    const owner = await environment.process("killed");
    const { id: sessionId } = await environment.session(companyId);
    await environment.status(sessionId, "connected");
    const { queue } = await environment.chat(companyId, sessionId);
    const records = await holdRecords(environment);
    const message = await queue("uma vez só");
    await signalQueued(environment, sessionId);
    const key = async () => String((await rowOf(environment, message.id))?.wa_key);
    await expect.poll(async () => (await acceptedOnDisk(environment, sessionId)).includes(await key())).toBe(true);
    await owner.kill();
    await records.release();
    expect(await rowOf(environment, message.id)).toMatchObject({ status: "queued" });

    const accepted = await acceptedOnDisk(environment, sessionId);
    expect(accepted).toHaveLength(1);
    const next = new ScriptedEngine();
    next.onFind = (waKey) => (accepted.includes(waKey) ? "accepted" : "absent");
    await environment.expireLease(sessionId);
    await environment.connector("next", { engines: { simulator: next.create }, times: { lease: { trustAfterMs: 0 } } });
    await statusOf(environment, message.id, "sent");
    expect(next.asked.all.map(({ what, message: { waKey } }) => [what, waKey])).toEqual([["find", accepted[0]]]);
  });

  test("before sending: the next owner asks WhatsApp first and sends under the same key", async ({ environment }) => {
    const { engine, queue, sessionId } = await connected(environment);
    engine.onSend = () => new Promise<never>(() => undefined); // as if the process died here
    const message = await queue("uma vez só");
    await signalQueued(environment, sessionId);
    const { message: first } = await engine.asked.next(({ what }) => what === "send");
    await environment.expireLease(sessionId);
    const next = new ScriptedEngine();
    await environment.connector("next", { engines: { simulator: next.create }, times: { lease: { trustAfterMs: 0 } } });
    await statusOf(environment, message.id, "sent");
    expect(next.asked.all.map(({ what, message: { waKey } }) => [what, waKey])).toEqual([
      ["find", first.waKey],
      ["send", first.waKey],
    ]);
    expect(bodiesSent(engine)).toEqual(["uma vez só"]);
  });

  test("asks and sends nothing before the engine is synced", async ({ environment }) => {
    const { queue, sessionId, engine, connector } = await connected(environment);
    engine.onSend = () => new Promise<never>(() => undefined);
    const message = await queue("uma vez só");
    await signalQueued(environment, sessionId);
    await engine.asked.next();
    await environment.expireLease(sessionId);
    const next = new ScriptedEngine();
    next.onStart = (listener) => listener.state("syncing");
    next.onFind = () => "accepted";
    await environment.connector("next", { engines: { simulator: next.create }, times: { lease: { trustAfterMs: 0 } } });
    await environment.status(sessionId, "syncing");
    await signalQueued(environment, sessionId);
    expect(next.asked.all).toEqual([]);
    next.emit().state("connected", { phoneNumber: "5511999990000" });
    await statusOf(environment, message.id, "sent");
    expect(next.asked.all.map(({ what }) => what)).toEqual(["find"]);
    await connector.stop();
  });
});
