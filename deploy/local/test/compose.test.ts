import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { root } from "../src/paths.ts";

interface Entry {
  command?: string[];
  environment?: Record<string, unknown>;
}
const read = (file: string) => readFileSync(join(root, file), "utf8");
const compose: { services: Record<string, Entry> } = parse(read("docker-compose.yml"), { merge: true });
const serviceFolders = readdirSync(join(root, "services"));
const withConfiguration = serviceFolders.filter((name) => name !== "web-app");

const engines = "services/whatsapp-connector/src/engines";
/** Files that define the shapes which several schemas spread. */
const sharedShapes = {
  baseEnvironment: ["packages/platform/src/environment.ts"],
  drainEnvironment: ["packages/platform/src/drain-environment.ts"],
  resumeLogEnvironment: ["packages/platform/src/resume-log-environment.ts"],
  mediaEnvironment: ["packages/platform/src/media-environment.ts"],
  pushEnvironment: ["packages/platform/src/push-environment.ts"],
  webhookEnvironment: ["packages/platform/src/public-address.ts"],
  proxyEnvironment: ["packages/platform/src/proxy/proxy-environment.ts"],
  mailEnvironment: ["services/rest-api/src/mail-environment.ts"],
  limitEnvironment: ["services/rest-api/src/limit-environment.ts"],
  engineEnvironment: readdirSync(join(root, engines))
    .map((name) => `${engines}/${name}/definition.ts`)
    .filter((file) => existsSync(join(root, file)) && !file.includes("/contract/")),
};

/** Reads the names of environment variables from a zod schema's source: its keys in capitals, and those of the shapes it spreads. */
function namesIn(file: string): string[] {
  const source = read(file);
  const own = [...source.matchAll(/^\s+([A-Z][A-Z0-9_]+): /gm)].map(([, name]) => name ?? "");
  const shared = Object.entries(sharedShapes).filter(([shape]) => source.includes(`...${shape},`));
  return [...new Set([...own, ...shared.flatMap(([, files]) => files.flatMap(namesIn))])].sort();
}

test("compose has one entry per service folder, plus Postgres, Redis, the migration and backups", () => {
  expect(Object.keys(compose.services).sort()).toEqual(
    [...serviceFolders, "backup", "migrate", "postgres", "redis"].sort(),
  );
});

test("compose sets exactly the variables that the commands for backup and restore read", () => {
  const names = namesIn("services/rest-api/src/cli/backup-commands.ts");
  expect(Object.keys(compose.services.backup?.environment ?? {}).sort()).toEqual(["NODE_ENV", ...names].sort());
});

test.for(withConfiguration)("compose sets exactly the variables that the config.ts of %s reads", (name) => {
  expect(Object.keys(compose.services[name]?.environment ?? {}).sort()).toEqual(
    namesIn(`services/${name}/src/config.ts`),
  );
});

test("compose sets exactly the variables that the migration reads", () => {
  expect(Object.keys(compose.services.migrate?.environment ?? {}).sort()).toEqual(
    namesIn("packages/database/src/migrate-command.ts"),
  );
});

test("compose sets only variables of the front that its script reads", () => {
  const script = read("deploy/front/render.sh");
  const names = Object.keys(compose.services["web-app"]?.environment ?? {});
  expect(names).toContain("FRONT_TRUSTED_PROXIES");
  for (const name of names) expect(script).toContain(`value ${name} `);
});

test("no secret has a default value: it is required or optional", () => {
  const secrets = read("docker-compose.yml").matchAll(/\$\{((?!LIMIT_)\w*(?:PASSWORD|KEY|SECRET)\w*)(:-\}|:\?)?/g);
  for (const [, name, operator] of secrets) expect({ name, operator }).toEqual({ name, operator: expect.any(String) });
});

test("Redis requires a password, and every service sends it", () => {
  const password = ["$", "{REDIS_PASSWORD:?choose a random password}"].join("");
  expect(compose.services.redis?.command).toEqual(expect.arrayContaining(["--requirepass", password]));
  const urls = withConfiguration.map((name) => compose.services[name]?.environment?.REDIS_URL);
  expect(new Set(urls)).toEqual(new Set([`redis://:${password}@redis:6379`]));
});
