import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { connectDatabase } from "@syszap/database";
import { announceInstance } from "@syszap/event-bus";
import { createLogger } from "@syszap/platform";
import { databaseTest } from "@syszap/testing";
import { Redis } from "ioredis";
import { expect, onTestFinished } from "vitest";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { newSigningKey } from "../support/api-test.ts";

const readme = readFileSync(join(import.meta.dirname, "../../../../docs/operations/first-company.md"), "utf8");

interface Result {
  code: number;
  output: string;
  errors: string;
}
type Run = (...args: string[]) => Promise<Result>;

/** Runs the command line as its entry file does. */
const test = databaseTest.extend<{ syszap: Run }>({
  syszap: async ({ database, redisUrl }, use) => {
    const env = {
      NODE_ENV: "test",
      DATABASE_URL: database.appUrl,
      SYSTEM_DATABASE_URL: database.systemUrl,
      REDIS_URL: redisUrl,
      TOKEN_SIGNING_KEY: JSON.stringify(await newSigningKey()),
      ALLOWED_ORIGINS: "https://inbox.example.com",
    };
    await use((...args) => run(args, env));
  },
});

async function run(args: string[], env: NodeJS.ProcessEnv): Promise<Result> {
  const result = { output: "", errors: "" };
  const code = await runCommandLine(args, {
    env,
    out: (text) => {
      result.output += `${text}\n`;
    },
    error: (text) => {
      result.errors += `${text}\n`;
    },
  });
  return { code, ...result };
}

/** The commands of the section "Create the first company", in order. */
function documentedCommands(): string[][] {
  const [section = ""] = /## Create the first company\n[\s\S]*?(?=\n## )/.exec(readme) ?? [];
  const lines = [...section.matchAll(/^syszap (.*)$/gm)].map(([, line = ""]) => line);
  return lines.map((line) => [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? ""));
}

test("every command of docs/operations/first-company.md works in the documented order", async ({ syszap }) => {
  const commands = documentedCommands();
  expect(commands.length).toBeGreaterThan(8);
  const outputs: string[] = [];
  for (const command of commands) {
    const { code, output, errors } = await syszap(...command);
    expect({ command: command.join(" "), code, errors }).toEqual({ command: command.join(" "), code: 0, errors: "" });
    outputs.push(output);
  }
  const all = outputs.join("\n");
  expect(all).toMatch(/Postgres +up/);
  expect(all).toMatch(/One-time password/);
  expect(all).toMatch(/https:\/\/inbox\.example\.com\/invitation#\S+/);
  expect(all).toMatch(/is suspended\. Its data is removed after/);
});

test("lists connectors, and cordons, drains and rebalances them", async ({ syszap, database }) => {
  expect((await syszap("connector", "list")).output).toContain("No connector has run yet.");
  const { connectors } = connectDatabase({ ...database, maxConnections: 1, publish: async () => undefined }).system;
  const process = { id: "c1", nonce: randomUUID(), host: "h", processSpace: "", pid: 1, version: "1", maxSessions: 20 };
  await connectors.record(process, undefined);
  expect((await syszap("connector", "list")).output).toMatch(/^c1 +active +0\/20 sessions +0 MiB +host h/);
  for (const [command, state] of [
    ["cordon", "cordoned"],
    ["drain", "draining"],
    ["uncordon", "active"],
  ] as const) {
    expect(await syszap("connector", command, "c1")).toMatchObject({ code: 0, errors: "" });
    expect((await connectors.find("c1"))?.state).toBe(state);
  }
  expect((await syszap("connector", "rebalance")).output).toBe("Nothing to move.\n");
  expect(await syszap("connector", "drain", "c2")).toMatchObject({ code: 1, errors: expect.stringContaining("c2") });
});

test("shows the running processes with their versions, and what waits with the age of the oldest", async ({
  syszap,
  database,
  redisUrl,
}) => {
  const db = connectDatabase({ ...database, maxConnections: 1, publish: () => Promise.reject(new Error("no bus")) });
  const redis = new Redis(redisUrl);
  const silent = createLogger({ service: "test", level: "silent" });
  const leave = announceInstance(redis, "message-worker", silent);
  onTestFinished(async () => {
    await leave();
    await db.close();
    redis.disconnect();
  });
  const { id } = await db.system.companies.create({ name: "Padaria" });
  await db.withCompany(id, ({ sessions, emit }) =>
    sessions.create({ name: "Vendas", engine: "simulator" }).then((session) => emit.sessionStatus(session)),
  );
  const { output } = await syszap("status");
  expect(output).toMatch(/^SERVICE +INSTANCE +VERSION +RUNNING SINCE\nmessage-worker +\S+ \(pid \d+\) +unknown +20/);
  expect(output).toMatch(/Sessions +0 connected, 0 connecting, 0 qr, 1 disconnected/);
  expect(output).toMatch(/Leases +0 held, 0 expired, 0 sessions unclaimed/);
  expect(output).toMatch(/Outbox +1 unpublished, oldest \d+ s/);
  expect(output).toMatch(/Last migration +\d{3}-\S+ at 20/);
});

test("refuses the timeline of a message that no company has, and of an invalid id", async ({ syszap }) => {
  expect(await syszap("timeline", randomUUID())).toMatchObject({
    code: 1,
    errors: expect.stringContaining("No company"),
  });
  expect(await syszap("timeline", "first")).toMatchObject({ code: 2, errors: expect.stringContaining("UUID") });
});

test("says what is wrong, with an exit code for programs", async ({ syszap }) => {
  expect(await syszap("company", "explode")).toMatchObject({ code: 2, errors: expect.stringContaining("--help") });
  expect(await syszap("company", "create", "--name", "Acme")).toMatchObject({
    code: 2,
    errors: expect.stringContaining("--owner-email ADDRESS is missing"),
  });
  expect(await syszap("company", "suspend", "Nowhere")).toMatchObject({
    code: 1,
    errors: expect.stringContaining('There is no company "Nowhere"'),
  });
  const listed = await syszap("company", "list", "--json");
  expect({ code: listed.code, items: JSON.parse(listed.output) }).toEqual({ code: 0, items: [] });
  const withoutDatabase = await run(["status"], { NODE_ENV: "test" });
  expect(withoutDatabase).toMatchObject({ code: 3, errors: expect.stringContaining("DATABASE_URL") });
});
