import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { init } from "../init/init.mjs";
import { compose, composeVariables, composeWith, readEnvironment, readRoot } from "../src/compose-file.ts";
import { root } from "../src/paths.ts";

afterEach(() => vi.unstubAllEnvs());

function run(...args: string[]) {
  const result = { code: -1, output: "", errors: "" };
  const out = (text: string) => Object.assign(result, { output: result.output + text });
  const error = (text: string) => Object.assign(result, { errors: result.errors + text });
  result.code = init(args, { out, error });
  return result;
}

function emptyFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "syszap-init-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, ".env");
}

test("writes a file that only its owner can read, and names the next steps", () => {
  const file = emptyFile();
  const { code, output } = run("--file", file);
  expect(code).toBe(0);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  for (const step of ["docker compose up", "operator create", "company create", "http://localhost:8080"])
    expect(output).toContain(step);
  // No secret is printed.
  for (const [name, value] of Object.entries(readEnvironment(readFileSync(file, "utf8"))))
    if (/PASSWORD|KEY/.test(name) && value !== "") expect(output).not.toContain(value);
});

test("never changes an existing file", () => {
  const file = emptyFile();
  writeFileSync(file, "PUBLIC_ORIGIN=https://inbox.example.com\n");
  expect(run("--file", file)).toMatchObject({ code: 1, errors: expect.stringContaining("was not changed") });
  expect(readFileSync(file, "utf8")).toBe("PUBLIC_ORIGIN=https://inbox.example.com\n");
});

test("makes other secrets each time, and no two that are equal", () => {
  const secretsOf = () => {
    const file = emptyFile();
    run("--file", file, "--origin", "https://inbox.example.com");
    const entries = Object.entries(readEnvironment(readFileSync(file, "utf8")));
    return entries.filter(([name]) => /PASSWORD|KEY/.test(name)).map(([, value]) => value);
  };
  const all = [...secretsOf(), ...secretsOf()];
  expect(all.length).toBeGreaterThan(30);
  expect(new Set(all).size).toBe(all.length);
  expect(all.every((value) => (value?.length ?? 0) >= 32)).toBe(true);
});

test("refuses an address with a path, and an unknown option", () => {
  expect(run("--file", emptyFile(), "--origin", "https://inbox.example.com/")).toMatchObject({ code: 2 });
  expect(run("--make-coffee")).toMatchObject({ code: 2 });
});

test("makes a single secret for a rotation", () => {
  expect(JSON.parse(run("--make", "TOKEN_SIGNING_KEY").output)).toMatchObject({ kty: "OKP", crv: "Ed25519" });
  expect(Buffer.from(run("--make", "PROFILE_ENCRYPTION_KEY").output, "base64")).toHaveLength(32);
  expect(run("--make", "VAPID_PRIVATE_KEY").output).toMatch(
    /^VAPID_PUBLIC_KEY=B[\w-]{86}\nVAPID_PRIVATE_KEY=[\w-]{43}$/,
  );
  expect(run("--make", "PUBLIC_PORT").code).toBe(2);
});

test(".env.example documents exactly the variables of the compose file, with their defaults", () => {
  const example = readRoot(".env.example");
  const documented = [...example.matchAll(/^(#?)([A-Z0-9_]+)=(.*)$/gm)];
  const defaults = new Map(documented.map(([, , name = "", value]) => [name, value]));
  expect([...defaults.keys()].sort()).toEqual([...composeVariables().keys(), "COMPOSE_PROFILES"].sort());
  for (const [name, value] of composeVariables()) expect([name, defaults.get(name)]).toEqual([name, value ?? ""]);
  // Required ones are not comments, so that `init` fills them.
  const filled = new Set(documented.filter(([, comment]) => comment === "").map(([, , name]) => name));
  for (const [name, value] of composeVariables()) if (value === undefined) expect(filled).toContain(name);
});

test.for(["http://localhost:8080", "https://inbox.example.com"])(
  "every service accepts its environment after `init --origin %s`, in production",
  async (origin) => {
    const file = emptyFile();
    run("--file", file, "--origin", origin);
    vi.stubEnv("NODE_ENV", "production");
    const { services } = composeWith(readEnvironment(readFileSync(file, "utf8")));
    for (const name of ["rest-api", "ws-gateway", "message-worker", "webhook-sender", "whatsapp-connector"]) {
      const { loadConfig } = await import(join(root, `services/${name}/src/config.ts`));
      const env = Object.entries(services[name]?.environment ?? {}).map(([key, value]) => [key, String(value)]);
      expect(loadConfig(Object.fromEntries(env))).toMatchObject({ NODE_ENV: "production" });
    }
  },
);

test("the compose file refuses to start without a secret, and names the command", () => {
  expect(() => composeWith({})).toThrow("run syszap init");
  expect(Object.keys(compose.services)).toContain("postgres");
});

test("git and Docker ignore .env, and git keeps .env.example", () => {
  const isIgnored = (file: string) => spawnSync("git", ["check-ignore", "-q", file], { cwd: root }).status === 0;
  expect([".env", ".env.example"].map(isIgnored)).toEqual([true, false]);
  expect(readRoot(".dockerignore").split("\n")).toEqual(expect.arrayContaining([".env", ".env.*"]));
});
