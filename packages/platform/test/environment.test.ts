import { afterEach, expect, test, vi } from "vitest";
import { z } from "zod";
import {
  baseEnvironment,
  EnvironmentError,
  flag,
  list,
  loadEnvironment,
  postgresUrl,
  redisUrl,
  secret,
} from "../src/index.ts";

const schema = z.object({
  ...baseEnvironment,
  REDIS_URL: redisUrl(),
  DATABASE_URL: postgresUrl(),
  SIGNING_SECRET: secret(),
  ALLOWED_ORIGINS: list(),
  IS_OPEN: flag(),
});
const valid = {
  PORT: "8080",
  REDIS_URL: "redis://127.0.0.1:6379",
  DATABASE_URL: "postgres://app:Zk3vQ9xT7bLw2NsE@127.0.0.1:5432/syszap",
  SIGNING_SECRET: "f3a9c07b51de48e2b6a4907d12c85e3f",
  ALLOWED_ORIGINS: "http://localhost:3000, https://inbox.company.net",
  IS_OPEN: "false",
};
const faultsOf = (env: NodeJS.ProcessEnv): string => {
  try {
    loadEnvironment(schema, env);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
  }
  return "";
};

afterEach(() => vi.unstubAllEnvs());

test("returns typed values of a complete environment", () => {
  expect(loadEnvironment(schema, valid)).toMatchObject({
    PORT: 8080,
    NODE_ENV: "production",
    IS_OPEN: false,
    ALLOWED_ORIGINS: ["http://localhost:3000", "https://inbox.company.net"],
  });
});

test("names all invalid variables at once without their values", () => {
  const faults = faultsOf({
    PORT: "70000",
    REDIS_URL: "http://secret-host",
    DATABASE_URL: "mysql://u:hunter2@h/d",
    IS_OPEN: "perhaps",
  });
  for (const name of ["PORT", "REDIS_URL", "DATABASE_URL", "SIGNING_SECRET", "ALLOWED_ORIGINS", "IS_OPEN"]) {
    expect(faults).toContain(`${name}:`);
  }
  expect(faults).not.toMatch(/hunter2|secret-host|70000|perhaps/);
});

test("treats an empty variable as missing", () => {
  expect(faultsOf({ ...valid, SIGNING_SECRET: "" })).toContain("SIGNING_SECRET: is missing");
});

test("accepts demo secrets and weak database passwords in development and refuses them in production", () => {
  const demo = {
    ...valid,
    SIGNING_SECRET: "demo-secret-demo-secret-demo-secret",
    DATABASE_URL: "postgres://app:demo@127.0.0.1:5432/syszap",
  };
  vi.stubEnv("NODE_ENV", "development");
  expect(faultsOf(demo)).toBe("");
  vi.stubEnv("NODE_ENV", "production");
  expect(faultsOf(demo)).toMatch(/SIGNING_SECRET: .*demo value/);
  expect(faultsOf(demo)).toMatch(/DATABASE_URL: .*password/);
  expect(faultsOf(valid)).toBe("");
});
