import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { fill, startWriting } from "./filled-company.ts";
import { contentOf, into, type Target, test, withDatabase } from "./support.ts";

const service = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a command of the bundle, and kills it as soon as `isReached`. Returns the signal, or null if it ended before. */
async function killedAt(
  args: string[],
  env: NodeJS.ProcessEnv,
  isReached: () => boolean | Promise<boolean>,
): Promise<NodeJS.Signals | null> {
  const child = spawn(process.execPath, ["dist/cli/syszap.js", ...args], {
    cwd: service,
    env: { PATH: process.env.PATH, ...env },
    stdio: "ignore",
  });
  const ended = once(child, "exit");
  while (child.exitCode === null && child.signalCode === null && !(await isReached())) await delay(5);
  child.kill("SIGKILL");
  await ended;
  return child.signalCode;
}

const sessionsOf = ({ ownerUrl, name }: Target) =>
  withDatabase(ownerUrl.replace(`/${name}`, "/postgres"), async (db) => {
    const { rows } = await db.query("select count(*)::int as count from pg_stat_activity where datname = $1", [name]);
    return rows[0].count as number;
  });

test("a backup and a restore that are killed at any step are completed by the next ones", async ({
  api,
  env,
  syszap,
  backups,
  target,
  database,
}) => {
  const filled = await fill(api, env);
  const writer = startWriting(api, filled.owner, filled);
  await writer.until(5);
  await writer.stop();

  const partial = () => readdirSync(backups).find((name) => name.endsWith(".partial"));
  const hasFile = (name: string) => existsSync(join(backups, partial() ?? "none", name));
  const steps = [
    () => partial() !== undefined,
    () => hasFile("database.dump"),
    () => existsSync(join(backups, "files")),
  ];
  const backup = ["backup", "--to", backups];
  const ends: (NodeJS.Signals | null)[] = [];
  for (const isReached of steps) ends.push(await killedAt(backup, env, isReached));
  const { code, errors, output } = await syszap([...backup, "--json"]);
  expect([code, errors]).toEqual([0, ""]);
  const { folder } = JSON.parse(output) as { folder: string };
  expect((await readdir(backups)).filter((name) => name.endsWith(".partial"))).toEqual([]);

  const isRestored = () =>
    withDatabase(
      target.ownerUrl,
      async (db) => (await db.query("select to_regclass('companies') as found")).rows[0].found,
    );
  const restoring = [
    () => readdirSync(target.mediaDirectory).length > 0,
    async () => (await sessionsOf(target)) > 0,
    async () => (await isRestored()) !== null,
  ];
  for (const isReached of restoring) {
    ends.push(await killedAt(["restore", folder, "--replace"], { ...env, ...into(target) }, isReached));
    // Postgres rolls back what the killed process has not committed.
    while ((await sessionsOf(target)) > 0) await delay(50);
  }
  // The last step may be so short that the process has ended before it is killed.
  expect(ends.slice(0, 5)).toEqual(Array(5).fill("SIGKILL"));
  expect(await syszap(["restore", folder, "--replace"], into(target))).toMatchObject({ code: 0, errors: "" });
  const [source, copy] = [await contentOf(database.ownerUrl), await contentOf(target.ownerUrl)];
  for (const table of ["media", "chats", "clients", "messages"])
    expect(copy[table]?.split(" ")[0], table).toBe(source[table]?.split(" ")[0]);
  for (const kind of ["policies", "indexes", "constraints", "privileges"]) expect(copy[kind], kind).toBe(source[kind]);
});
