import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, onTestFinished, test, vi } from "vitest";
import { init } from "../init/init.mjs";
import { readEnvironment, readRoot } from "../src/compose-file.ts";
import { environmentFile, environmentOnMachine, ports } from "../src/environment-file.ts";
import { root } from "../src/paths.ts";

afterEach(() => vi.unstubAllEnvs());

function freshMachine() {
  const folder = mkdtempSync(join(tmpdir(), "syszap-machine-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, ".env");
  init(["--file", file, "--origin", "https://inbox.example.com"], { out: () => {}, error: () => {} });
  const variables = readEnvironment(readFileSync(file, "utf8"));
  return { folder, variables, data: "/srv/syszap", postgres: "127.0.0.1:5432", redis: "127.0.0.1:6379" };
}

test.for(Object.entries(ports))("%s accepts its environment on a machine without containers", async ([name, port]) => {
  const environment = environmentOnMachine(name, freshMachine());
  vi.stubEnv("NODE_ENV", "production");
  const { loadConfig } = await import(join(root, `services/${name}/src/config.ts`));
  expect(loadConfig(environment)).toMatchObject({ NODE_ENV: "production", HOST: "127.0.0.1", PORT: port });
  expect(JSON.stringify(environment)).not.toMatch(/@(postgres|redis):|http:\/\/rest-api|"\/data/);
});

test("the front asks the services on this machine", () => {
  expect(environmentOnMachine("web-app", freshMachine())).toMatchObject({
    FRONT_REST_API: "127.0.0.1:8081",
    FRONT_WS_GATEWAY: "127.0.0.1:8082",
  });
});

test("the file keeps the quotes of keys, as systemd and shells read them", () => {
  const machine = freshMachine();
  const environment = environmentOnMachine("rest-api", machine);
  const file = join(machine.folder, "rest-api.env");
  writeFileSync(file, environmentFile(environment));
  const script = `set -a; . "${file}"; printf '%s' "$TOKEN_SIGNING_KEY"`;
  expect(spawnSync("sh", ["-c", script], { encoding: "utf8" }).stdout).toBe(environment.TOKEN_SIGNING_KEY);
  expect(JSON.parse(environment.TOKEN_SIGNING_KEY ?? "")).toMatchObject({ kty: "OKP" });
});

test("the documented services and ports are those of the command", () => {
  const page = readRoot("docs/operations/install-bare.md");
  for (const [name, port] of Object.entries(ports)) expect(page).toContain(`| \`${name}\` | ${port} |`);
});
