import { randomBytes } from "node:crypto";
import { MasterKeys, SealedSecrets, sessionKeyPurpose } from "@syszap/platform";
import { expect } from "vitest";
import type { EngineContext } from "../../src/engines/contract/engine.ts";
import { ScriptedEngine } from "../support/scripted-engine.ts";
import { type TestEnvironment, test } from "../support/test-environment.ts";

const key = randomBytes(32).toString("base64");
const secrets = new SealedSecrets(MasterKeys.parse(key, sessionKeyPurpose), "proxy");
const credentials = { username: "loja", password: "segredo" };
const address = { scheme: "socks5", host: "proxy.example.com", port: 1080 } as const;

/** Records the proxies with which engines are created. */
function recordingEngines() {
  const engine = new ScriptedEngine();
  engine.onStart = (listener) => listener.state("connected", { phoneNumber: "5511999990000" });
  const proxies: EngineContext["proxy"][] = [];
  const create = (context: EngineContext) => {
    proxies.push(context.proxy);
    return engine.create(context);
  };
  return { engines: { simulator: create }, proxies };
}

const setProxy = (environment: TestEnvironment, companyId: string, sessionId: string, owner = sessionId) =>
  environment.db.withCompany(companyId, ({ sessionProxies }) =>
    sessionProxies.set(sessionId, {
      ...address,
      sealedCredentials: secrets.seal(Buffer.from(JSON.stringify(credentials)), `${companyId}|${owner}`),
    }),
  );

test("starts the engine with the decrypted proxy, and again when it is changed or removed", async ({ environment }) => {
  const companyId = await environment.company();
  const { engines, proxies } = recordingEngines();
  await environment.connector("a", { engines, env: { SESSION_ENCRYPTION_KEY: key } });
  const session = await environment.session(companyId, { isRunning: false });
  await setProxy(environment, companyId, session.id);
  await environment.want(session, companyId, "running");
  await environment.status(session.id, "connected");
  expect(proxies).toEqual([{ ...address, credentials }]);
  await environment.db.withCompany(companyId, ({ sessionProxies }) => sessionProxies.delete(session.id));
  await environment.publisher.command(companyId, { kind: "proxy_changed", sessionId: session.id });
  await environment.status(session.id, "connected");
  expect(proxies).toEqual([{ ...address, credentials }, undefined]);
});

test.for([
  ["no key", {}, undefined],
  ["another key", { SESSION_ENCRYPTION_KEY: randomBytes(32).toString("base64") }, undefined],
  ["credentials of another session", { SESSION_ENCRYPTION_KEY: key }, "another session"],
] as const)("with %s, the session fails instead of connecting directly", async ([, env, owner], { environment }) => {
  const companyId = await environment.company();
  const { engines, proxies } = recordingEngines();
  await environment.connector("a", { engines, env });
  const session = await environment.session(companyId, { isRunning: false });
  await setProxy(environment, companyId, session.id, owner);
  await environment.want(session, companyId, "running");
  expect(await environment.status(session.id, "failed")).toMatchObject({ reason: "proxy_unreadable" });
  expect(proxies).toEqual([]);
});

test("applies a changed proxy although its signal was lost, once", async ({ environment }) => {
  const companyId = await environment.company();
  const { engines, proxies } = recordingEngines();
  const times = { manager: { renewEveryMs: 50 } };
  await environment.connector("a", { engines, times, env: { SESSION_ENCRYPTION_KEY: key } });
  const session = await environment.session(companyId);
  await environment.status(session.id, "connected");
  await setProxy(environment, companyId, session.id);
  await environment.status(session.id, "connected");
  expect(proxies).toEqual([undefined, { ...address, credentials }]);
  // A late signal finds nothing to change.
  await environment.publisher.command(companyId, { kind: "proxy_changed", sessionId: session.id });
  await environment.db.withCompany(companyId, ({ sessionProxies }) => sessionProxies.delete(session.id));
  await environment.status(session.id, "connected");
  expect(proxies).toEqual([undefined, { ...address, credentials }, undefined]);
});
