import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
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

/** Writes a secret as Docker and Kubernetes mount it. */
function fileWith(content: string): string {
  const folder = mkdtempSync(join(tmpdir(), "syszap-secret-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "secret"), content);
  return join(folder, "secret");
}
const { SIGNING_SECRET, ...withoutSecret } = valid;

test.for([
  ["an object", schema],
  ["an object with further checks", schema.superRefine(() => undefined)],
  ["a transformed object", schema.refine(() => true).transform((env) => env)],
] as const)("reads a variable from the file that NAME_FILE names, for %s", ([, each]) => {
  const env = { ...withoutSecret, SIGNING_SECRET_FILE: fileWith(`${SIGNING_SECRET}\r\n`) };
  expect(loadEnvironment(each, env).SIGNING_SECRET).toBe(SIGNING_SECRET);
});

test("names the variable whose file is missing, empty or not readable, and never its content", () => {
  const faultsWith = (file: string) => faultsOf({ ...withoutSecret, SIGNING_SECRET_FILE: file });
  expect(faultsWith("/nowhere/secret")).toMatch(
    /SIGNING_SECRET: SIGNING_SECRET_FILE names a file that does not exist$/,
  );
  expect(faultsWith(fileWith("\n"))).toMatch(/SIGNING_SECRET_FILE names a file that is empty$/);
  expect(faultsWith(tmpdir())).toMatch(/SIGNING_SECRET_FILE names a file that cannot be read \(EISDIR\)$/);
  expect(faultsWith(fileWith("hunter2"))).toMatch(/SIGNING_SECRET: must have at least 32 characters$/);
});

test("refuses a variable that is set twice, and treats an empty one as not set", () => {
  const SIGNING_SECRET_FILE = fileWith(SIGNING_SECRET);
  expect(faultsOf({ ...valid, SIGNING_SECRET_FILE })).toContain(
    "SIGNING_SECRET: is set twice: remove SIGNING_SECRET or SIGNING_SECRET_FILE",
  );
  expect(faultsOf({ ...valid, SIGNING_SECRET: "", SIGNING_SECRET_FILE })).toBe("");
  expect(faultsOf({ ...valid, SIGNING_SECRET_FILE: "" })).toBe("");
});
