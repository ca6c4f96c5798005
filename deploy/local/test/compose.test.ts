import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compose, composeText, readRoot as read } from "../src/compose-file.ts";
import { root } from "../src/paths.ts";

const serviceFolders = readdirSync(join(root, "services"));
const withConfiguration = serviceFolders.filter((name) => name !== "web-app");

const engines = "services/whatsapp-connector/src/engines";
/** Files that define the shapes which several schemas spread. */
const sharedShapes = {
  baseEnvironment: ["packages/platform/src/environment.ts"],
  drainEnvironment: ["packages/platform/src/drain-environment.ts"],
  resumeLogEnvironment: ["packages/platform/src/environment/resume-log-environment.ts"],
  mediaEnvironment: ["packages/platform/src/environment/media-environment.ts"],
  pushEnvironment: ["packages/platform/src/environment/push-environment.ts"],
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

test("compose has one entry per service folder, plus Postgres, Redis, the migration, backups and optional parts", () => {
  expect(Object.keys(compose.services).sort()).toEqual(
    [...serviceFolders, "backup", "migrate", "pgbouncer", "postgres", "prometheus", "redis"].sort(),
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

test.for(["redis", "pgbouncer"])("compose sets only variables of %s that its script reads", (name) => {
  const script = read(`deploy/${name}/render.sh`);
  const variables = Object.keys(compose.services[name]?.environment ?? {}).filter((each) => each !== "REDISCLI_AUTH");
  expect(variables.length).toBeGreaterThan(6);
  for (const variable of variables) expect(script).toContain(variable);
});

test("no secret has a default value: it is required or optional", () => {
  const secrets = composeText.matchAll(/\$\{((?!LIMIT_)\w*(?:PASSWORD|KEY|SECRET)\w*)(:-\}|:\?)?/g);
  for (const [, name, operator] of secrets) expect({ name, operator }).toEqual({ name, operator: expect.any(String) });
});

test("each service signs in to Redis as its own user", () => {
  for (const name of withConfiguration) {
    const variable = `REDIS_${name.replaceAll("-", "_").toUpperCase()}_PASSWORD`;
    const password = ["$", `{${variable}:?run syszap init}`].join("");
    expect(compose.services[name]?.environment?.REDIS_URL).toBe(`redis://${name}:${password}@redis:6379`);
    expect(read("deploy/redis/users.acl")).toContain(`user ${name} on {${name}} `);
  }
});
