import { randomBytes } from "node:crypto";
import { EnvironmentError } from "@syszap/platform";
import { expect, test } from "vitest";
import { loadConfig } from "../src/config.ts";

const valid = {
  NODE_ENV: "development",
  PORT: "0",
  DATABASE_URL: "postgres://syszap_app:x@127.0.0.1/syszap",
  SYSTEM_DATABASE_URL: "postgres://syszap_system:x@127.0.0.1/syszap",
  REDIS_URL: "redis://127.0.0.1:6379",
  MEDIA_DIRECTORY: "/data/media",
  PROFILE_DIRECTORY: "/data/profiles",
  CONNECTOR_ID: "connector-1",
};
const faultsOf = (env: NodeJS.ProcessEnv) => {
  try {
    loadConfig(env);
    return "";
  } catch (error) {
    expect(error).toBeInstanceOf(EnvironmentError);
    return (error as Error).message;
  }
};

test("uses the Redis of the event bus for queues unless another one is set", () => {
  expect(loadConfig(valid).QUEUE_REDIS_URL).toBe(valid.REDIS_URL);
  expect(loadConfig({ ...valid, QUEUE_REDIS_URL: "" }).QUEUE_REDIS_URL).toBe(valid.REDIS_URL);
  expect(loadConfig({ ...valid, QUEUE_REDIS_URL: "redis://q:1" }).QUEUE_REDIS_URL).toBe("redis://q:1");
});

test("paces sending by default, and accepts only known kinds of human pacing", () => {
  const pace = { OUTBOUND_GAP_MS: 1_000, OUTBOUND_GAP_JITTER_MS: 1_000, OUTBOUND_PER_HOUR: 500 };
  expect(loadConfig(valid)).toMatchObject({ ...pace, OUTBOUND_COLD_PER_DAY: 50, OUTBOUND_MANNERS: "off" });
  expect(loadConfig({ ...valid, OUTBOUND_PER_HOUR: "0" }).OUTBOUND_PER_HOUR).toBe(0);
  for (const fault of [{ OUTBOUND_PER_HOUR: "-1" }, { OUTBOUND_MANNERS: "polite" }, { OUTBOUND_GAP_MS: "soon" }])
    expect(() => loadConfig({ ...valid, ...fault })).toThrow(Object.keys(fault)[0]);
});

test("disables the simulator by default", () => {
  expect(loadConfig(valid)).toMatchObject({ SIMULATOR_ENABLED: false, SIMULATOR_CONTROL: false });
  expect(loadConfig({ ...valid, SIMULATOR_ENABLED: "true" }).SIMULATOR_ENABLED).toBe(true);
});

test("reports all invalid variables at once, among them control of the simulator in production", () => {
  const message = faultsOf({
    ...valid,
    NODE_ENV: "production",
    DATABASE_URL: "mysql://127.0.0.1",
    PROFILE_DIRECTORY: "",
    MAX_SESSIONS: "many",
    WHATSAPP_WEB_STAND_IN: "http://no",
    SIMULATOR_CONTROL: "true",
  });
  for (const name of [
    "DATABASE_URL",
    "PROFILE_DIRECTORY: is missing",
    "MAX_SESSIONS",
    "WHATSAPP_WEB_STAND_IN",
    "SIMULATOR_CONTROL: must not be set in production",
  ]) {
    expect(message).toContain(name);
  }
  expect(message).not.toContain("http://no");
});

test("refuses control of the simulator in production even when all other variables are valid", () => {
  const secured = {
    ...valid,
    NODE_ENV: "production",
    DATABASE_URL: "postgres://syszap_app:3f9c0b7d1a2e4c5f6a7b@127.0.0.1/syszap",
    SYSTEM_DATABASE_URL: "postgres://syszap_system:3f9c0b7d1a2e4c5f6a7b@127.0.0.1/syszap",
  };
  expect(faultsOf(secured)).toBe("");
  expect(faultsOf({ ...secured, SIMULATOR_CONTROL: "true" })).toContain("SIMULATOR_CONTROL");
});

test("accepts only archive keys of 32 bytes, and never prints an invalid one", () => {
  expect(loadConfig(valid).PROFILE_ENCRYPTION_KEY).toBeUndefined();
  const keys = [randomBytes(32), randomBytes(32)].map((bytes) => bytes.toString("base64"));
  expect(loadConfig({ ...valid, PROFILE_ENCRYPTION_KEY: keys.join(",") }).PROFILE_ENCRYPTION_KEY).toBeDefined();
  for (const bad of [randomBytes(31).toString("base64"), `${keys[0]},too-short`, Buffer.alloc(32).toString("base64")]) {
    const message = faultsOf({ ...valid, PROFILE_ENCRYPTION_KEY: bad });
    expect(message).toMatch(/PROFILE_ENCRYPTION_KEY: .*(32 bytes|random)/);
    expect(message).not.toContain(bad);
  }
});
