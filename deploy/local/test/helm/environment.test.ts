import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { IContainer, IPodSpec } from "kubernetes-models/v1";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { init } from "../../init/init.mjs";
import { compose, composeVariables, composeWith } from "../../src/compose-file.ts";
import { secretOf } from "../../src/helm/secret.ts";
import { root } from "../../src/paths.ts";
import { containerOf, everything, objectsWith, podsOf } from "./rendered-chart.ts";

afterEach(() => vi.unstubAllEnvs());

const pods = podsOf(objectsWith(everything));
const required = [...composeVariables()].filter(([, value]) => value === undefined).map(([name]) => [name, "x"]);
const inCompose = (name: string) => composeWith(Object.fromEntries(required)).services[name]?.environment ?? {};
const variablesOf = (container: IContainer) => container.env ?? [];

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "syszap-secret-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function freshSecret() {
  const file = join(emptyFolder(), ".env");
  init(["--file", file, "--origin", "https://inbox.example.com"], { out: () => {}, error: () => {} });
  const variables = parseEnv(readFileSync(file, "utf8"));
  return secretOf({ variables, name: "syszap", postgres: "db.internal:5432", redis: "cache.internal:6380" });
}

/** TLS ends at the ingress controller. An empty variable counts as missing. */
const isExpected = ([name, value]: [string, unknown]) => value !== "" && !name.startsWith("FRONT_TLS_");

test.for([...pods])("the pod of %s sets the variables that compose sets, with the same defaults", ([name, pod]) => {
  const variables = variablesOf(containerOf(pod));
  const expected = Object.entries(compose.services[name]?.environment ?? {}).filter(isExpected);
  const set = variables.map((variable) => variable.name.replace(/(?<!MEDIA)_FILE$/, ""));
  expect(new Set(set).size).toBe(set.length);
  const additional = name === "web-app" ? ["FRONT_REST_API", "FRONT_WS_GATEWAY"] : [];
  expect(set.sort()).toEqual([...expected.map(([variable]) => variable), ...additional].sort());

  const defaults = inCompose(name);
  const own = /^(PUBLIC_URL|ALLOWED_ORIGINS|VAPID_SUBJECT|SYSZAP_VERSION|(FRONT_)?TRUSTED_PROXIES|TOKEN_KEY_SET_URL)$/;
  for (const { name: variable, value } of variables)
    if (value !== undefined && variable in defaults && !own.test(variable))
      expect([variable, value]).toEqual([variable, String(defaults[variable])]);
});

test("no pod has a secret in its manifest", () => {
  for (const [name, pod] of pods) {
    for (const { name: variable, value, valueFrom } of variablesOf(containerOf(pod))) {
      const isSecret = /PASSWORD|(?<!PUBLIC)_KEY|CREDENTIALS|DATABASE_URL|REDIS_URL|SMTP_URL/.test(variable);
      if (!isSecret || variable.startsWith("LIMIT_") || variable === "TOKEN_KEY_SET_URL") continue;
      if (value !== undefined) expect([name, variable, value]).toEqual([name, expect.stringMatching(/_FILE$/), value]);
      else expect(valueFrom?.secretKeyRef).toMatchObject({ name: "syszap", optional: true });
    }
  }
});

test("the Secret has every key that a pod mounts, and each pod mounts only its own", () => {
  const { stringData = {} } = freshSecret();
  const filesOf = (spec: IPodSpec) => spec.volumes?.find(({ name }) => name === "secret")?.secret?.items ?? [];
  for (const [name, { spec }] of pods)
    for (const { key } of filesOf(spec))
      expect([name, Object.keys(stringData)]).toEqual([name, expect.arrayContaining([key])]);
  const keys = (name: string) => filesOf(pods.get(name)?.spec ?? { containers: [] }).map(({ key }) => key);
  expect(keys("ws-gateway")).toEqual(["ws-gateway.REDIS_URL"]);
  expect(keys("web-app")).toEqual([]);
  for (const name of ["rest-api", "message-worker", "webhook-sender", "whatsapp-connector"])
    expect(keys(name)).not.toContain("OWNER_DATABASE_URL");
  for (const name of ["rest-api", "message-worker", "webhook-sender"])
    expect(keys(name)).not.toContain("PROFILE_ENCRYPTION_KEY");
});

test("the Secret names the given servers", () => {
  const { stringData = {} } = freshSecret();
  expect(stringData.DATABASE_URL).toMatch(/^postgres:\/\/syszap_app:\w+@db\.internal:5432\/syszap$/);
  expect(stringData.OWNER_DATABASE_URL).toMatch(/^postgres:\/\/syszap_owner:\w+@db\.internal:5432\/syszap$/);
  expect(stringData["ws-gateway.REDIS_URL"]).toMatch(/^redis:\/\/ws-gateway:\w+@cache\.internal:6380$/);
  expect(Object.values(stringData).join()).not.toMatch(/@(postgres|redis):/);
});

test("the Secret has no address of a role without a password", () => {
  const variables = Object.fromEntries([...required, ["BACKUP_DATABASE_PASSWORD", ""]]);
  const { stringData = {} } = secretOf({ variables, name: "syszap", postgres: "db:5432", redis: "cache:6379" });
  expect(stringData).not.toHaveProperty("BACKUP_DATABASE_URL");
  expect(stringData).toHaveProperty("OWNER_DATABASE_URL");
});

test.for(["rest-api", "ws-gateway", "message-worker", "webhook-sender", "whatsapp-connector"])(
  "%s accepts the environment of its pod, in production",
  async (name) => {
    const pod = pods.get(name);
    if (pod === undefined) throw new Error(`no pod for ${name}`);
    const { stringData = {} } = freshSecret();
    const folder = emptyFolder();
    mkdirSync(folder, { recursive: true });
    for (const [key, value] of Object.entries(stringData)) writeFileSync(join(folder, key), value);
    const environment = variablesOf(containerOf(pod)).map(({ name: variable, value, valueFrom }) => [
      variable,
      value?.replace("/run/secrets/syszap", folder) ?? stringData[valueFrom?.secretKeyRef?.key ?? ""] ?? "",
    ]);
    vi.stubEnv("NODE_ENV", "production");
    const { loadConfig } = await import(join(root, `services/${name}/src/config.ts`));
    expect(loadConfig(Object.fromEntries(environment))).toMatchObject({ PORT: 8080, NODE_ENV: "production" });
  },
);
