import { expect } from "vitest";
import { ScriptedEngine, scripted } from "../support/scripted-engine.ts";
import { test } from "../support/test-environment.ts";

const kept = "select kind, shape, wa_key, payload, times_seen from unknown_payloads order by first_seen_at, shape";

test("enqueues a message of unknown kind with WhatsApp's name of the kind, and stores its raw form", async ({
  environment,
}) => {
  const companyId = await environment.company();
  environment.takeJobs();
  const connector = await environment.connector("a", { env: { SIMULATOR_IN_PROCESS: "false" } }); // through a child process
  const { id } = await environment.session(companyId);
  await environment.status(id, "connected");
  const { waKey } = await connector.phone(id, "message", { from: "5511960001842", body: "?", vendorKind: "hologram" });
  const { data } = await environment.job("message");
  expect(data).toMatchObject({ waKey, kind: "unknown", vendorKind: "hologram" });
  await expect
    .poll(() => environment.sql(kept))
    .toMatchObject([{ kind: "message", shape: "type hologram", wa_key: waKey }]);
  const [{ payload } = {}] = await environment.sql(kept);
  expect(JSON.parse(String(payload))).toMatchObject({ vendorKind: "hologram", body: "?" });
  const metrics = await (await fetch(`http://127.0.0.1:${connector.port}/metrics`)).text();
  expect(metrics).toMatch(/connector_unknown_payloads_total\{[^}]*kind="message",shape="type hologram"[^}]*\} 1/);
});

test("counts repeats, stores no more than the daily limit, and combines further shapes in one metric label", async ({
  environment,
}) => {
  const companyId = await environment.company();
  const engine = new ScriptedEngine();
  const connector = await environment.connector("a", scripted(engine));
  const { id } = await environment.session(companyId);
  await environment.status(id, "connected");
  const say = (number: number) =>
    engine.emit().unknownPayload({ kind: "ack", shape: `f${number}`, raw: `{"n":${number}}` });
  const count = async () => (await environment.sql("select count(*)::int as n from unknown_payloads"))[0]?.n;
  say(0);
  await expect.poll(count).toBe(1);
  say(0);
  await expect.poll(() => environment.sql(kept)).toMatchObject([{ times_seen: 2 }]);
  for (let number = 1; number < 100; number += 1) {
    say(number);
    if (number % 20 === 0) await expect.poll(count).toBe(number + 1); // stays below the limit of concurrent inserts
  }
  await expect.poll(count).toBe(100);
  say(100);
  say(0); // marks that the payload before was refused
  await expect.poll(() => environment.sql(`${kept} limit 1`)).toMatchObject([{ times_seen: 3 }]);
  await expect.poll(count).toBe(100);
  const metrics = await (await fetch(`http://127.0.0.1:${connector.port}/metrics`)).text();
  const series = metrics.split("\n").filter((line) => line.includes("connector_unknown_payloads_total{"));
  expect(series).toHaveLength(31);
  expect(series.find((line) => line.includes('shape="other"'))).toMatch(/ 71$/);
});

test("stores early payloads only when the phone turns out to belong to the session", async ({ environment }) => {
  const companyId = await environment.company();
  const engine = new ScriptedEngine();
  engine.onStart = (listener) => {
    listener.unknownPayload({ kind: "ack", shape: `told ${engine.starts.all.length}`, raw: "{}" });
    listener.state("connected", { phoneNumber: "5511911110001" });
  };
  await environment.connector("a", scripted(engine));
  const holder = await environment.session(companyId);
  const select = "select session_id, shape from unknown_payloads";
  await expect.poll(() => environment.sql(select)).toEqual([{ session_id: holder.id, shape: "told 1" }]);
  const newcomer = await environment.session(companyId);
  expect(await environment.status(newcomer.id, "failed")).toMatchObject({ reason: "number_in_use" });
  expect(await environment.sql(select)).toHaveLength(1);
});
