import { randomBytes } from "node:crypto";
import { afterEach, beforeAll, expect, test, vi } from "vitest";
import { loadConfig } from "../../src/config.ts";
import type { SigningKey } from "../../src/signing-key.ts";
import { newSigningKey } from "../support/api-test.ts";

let key: SigningKey;
beforeAll(async () => {
  key = await newSigningKey();
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const complete = (overrides: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  NODE_ENV: "test",
  PORT: "3001",
  DATABASE_URL: "postgres://syszap_app:9f8e7d6c5b4a39281706@127.0.0.1/syszap",
  SYSTEM_DATABASE_URL: "postgres://syszap_system:0a1b2c3d4e5f60718293@127.0.0.1/syszap",
  REDIS_URL: "redis://127.0.0.1:6379",
  TOKEN_SIGNING_KEY: JSON.stringify(key),
  ACCOUNT_ENCRYPTION_KEY: randomBytes(32).toString("base64"),
  MEDIA_DIRECTORY: "/var/lib/syszap/media",
  DEFAULT_ENGINE: "wppconnect",
  ALLOWED_ORIGINS: "https://inbox.example.com, http://localhost:3000",
  ...overrides,
});
const errorsOf = (env: NodeJS.ProcessEnv): string => {
  try {
    loadConfig(env);
    return "";
  } catch (error) {
    return String(error);
  }
};

test("reads a complete environment", () => {
  expect(loadConfig(complete({ TRUSTED_PROXIES: "10.0.0.0/8,::1" }))).toMatchObject({
    PORT: 3_001,
    HOST: "0.0.0.0",
    TOKEN_SIGNING_KEY: [key],
    ALLOWED_ORIGINS: ["https://inbox.example.com", "http://localhost:3000"],
    TRUSTED_PROXIES: ["10.0.0.0/8", "::1"],
  });
  expect(loadConfig(complete()).TRUSTED_PROXIES).toEqual([]);
});

test("reports all invalid and missing variables at once, without their values", () => {
  const errors = errorsOf({
    PORT: "70000",
    DATABASE_URL: "mysql://root:hunter2@db",
    TOKEN_SIGNING_KEY: "hunter2",
    DEFAULT_ENGINE: "pigeon",
    ALLOWED_ORIGINS: "inbox.example.com",
    TRUSTED_PROXIES: "everybody",
  });
  for (const name of [
    "PORT",
    "DATABASE_URL",
    "TOKEN_SIGNING_KEY",
    "DEFAULT_ENGINE",
    "ALLOWED_ORIGINS",
    "TRUSTED_PROXIES",
  ])
    expect(errors).toContain(`${name}: `);
  for (const name of ["SYSTEM_DATABASE_URL", "REDIS_URL", "MEDIA_DIRECTORY", "ACCOUNT_ENCRYPTION_KEY"])
    expect(errors).toContain(`${name}: is missing`);
  expect(errorsOf({})).toContain("DEFAULT_ENGINE: is missing");
  expect(errors).not.toMatch(/hunter2|pigeon|everybody/);
});

test("requires a complete private Ed25519 key for signing", async () => {
  const other = await newSigningKey();
  const { d: _, ...publicOnly } = key;
  for (const bad of [
    publicOnly,
    { ...key, kid: "" },
    { ...key, x: other.x },
    { ...key, d: "AAAA" },
    { ...key, crv: "P-256" },
  ])
    expect(errorsOf(complete({ TOKEN_SIGNING_KEY: JSON.stringify(bad) }))).toContain(
      "TOKEN_SIGNING_KEY: must be a private",
    );
});

test("reads a list of signing keys, and refuses two with the same id or one that is invalid", async () => {
  const other = await newSigningKey("key-2");
  const withKeys = (...keys: unknown[]) => complete({ TOKEN_SIGNING_KEY: JSON.stringify(keys) });
  expect(loadConfig(withKeys(other, key)).TOKEN_SIGNING_KEY).toEqual([other, key]);
  expect(errorsOf(withKeys(key, { ...other, kid: key.kid }))).toContain("two keys with the same kid");
  expect(errorsOf(withKeys(key, { ...other, d: "AAAA" }))).toContain("TOKEN_SIGNING_KEY: must be a private");
  expect(errorsOf(withKeys())).toContain("TOKEN_SIGNING_KEY: must be a private");
});

test("requires at least one origin, without a path", () => {
  for (const bad of ["https://inbox.example.com/", "https://*.example.com/x", "*", "ftp://a", ","])
    expect(errorsOf(complete({ ALLOWED_ORIGINS: bad }))).toContain("ALLOWED_ORIGINS: must list origins");
});

test.for(["production", undefined])("rejects demo secrets and weak passwords in production (%s)", (mode) => {
  vi.stubEnv("NODE_ENV", mode);
  const demo = JSON.stringify({ ...key, kid: "demo-key" });
  const errors = errorsOf(
    complete({
      NODE_ENV: mode,
      TOKEN_SIGNING_KEY: demo,
      DATABASE_URL: "postgres://app:short@127.0.0.1/syszap",
    }),
  );
  expect(errors).toContain("TOKEN_SIGNING_KEY: is a demo key");
  expect(errors).toContain("DATABASE_URL: needs a password");
  expect(errorsOf(complete({ NODE_ENV: mode }))).toBe("");
});
