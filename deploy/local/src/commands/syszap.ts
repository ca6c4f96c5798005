import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { exitWithError } from "../console.ts";
import { postgresClientProgram, requireProgram } from "../machine/installed-command.ts";
import { createDataFolders, type DataPaths, dataPathsIn, root } from "../paths.ts";
import { asRole, openPostgres, openRedis } from "../system/data-servers.ts";
import { type Run, readRun } from "../system/run-file.ts";
import { loadOrCreateSecrets, type Secrets } from "../system/secrets.ts";
import { buildChangedPackages } from "../tools.ts";

const bundle = join(root, "services/rest-api/dist/cli/syszap.js");

/** `npm run syszap -- …`: runs the command line against the system that `npm start` runs. `--data DIR` selects its data directory. */
export async function run(args: string[]): Promise<void> {
  const { dataDirectory, rest } = splitDataOption(args);
  const paths = dataPathsIn(dataDirectory);
  const running = readRun(paths.runFile);
  const [command = ""] = rest;
  try {
    if (["backup", "restore"].includes(command)) await requireProgram(postgresClientProgram);
    if (running === undefined && command === "restore") return process.exit(await restoreWhileStopped(paths, rest));
    if (running === undefined || !existsSync(bundle))
      throw new Error("sysZap is not running here. Run `npm start` in another terminal first.");
    const secrets = loadOrCreateSecrets(paths.secretsFile);
    process.exit(await runBundle(rest, environmentOf({ ...running, paths, secrets, origin: running.url })));
  } catch (error) {
    exitWithError(error);
  }
}

/** Services may not run during a restore, but Postgres and Redis must. */
async function restoreWhileStopped(paths: DataPaths, args: string[]): Promise<number> {
  createDataFolders(paths);
  await buildChangedPackages();
  const secrets = loadOrCreateSecrets(paths.secretsFile);
  const redis = await openRedis(paths, secrets, () => undefined);
  try {
    const postgres = await openPostgres(paths, secrets, () => undefined);
    try {
      const [redisUrl, databaseUrl] = [redis.url, postgres.url];
      return await runBundle(
        args,
        environmentOf({ redisUrl, databaseUrl, paths, secrets, origin: "http://localhost" }),
      );
    } finally {
      await postgres.server?.stop();
    }
  } finally {
    await redis.server?.stop();
  }
}

function runBundle(args: string[], env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, ["--enable-source-maps", bundle, ...args], {
    env: { ...process.env, ...env },
    stdio: "inherit",
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code ?? 1));
  });
}

interface LocalInstallation extends Pick<Run, "databaseUrl" | "redisUrl"> {
  paths: DataPaths;
  secrets: Secrets;
  origin: string;
}

/** The variables that the command line reads, as `npm start` sets them for rest-api. */
const environmentOf = ({ databaseUrl, redisUrl, paths, secrets, origin }: LocalInstallation): NodeJS.ProcessEnv => ({
  NODE_ENV: "development",
  DATABASE_URL: asRole(databaseUrl, "syszap_app", secrets.appPassword),
  SYSTEM_DATABASE_URL: asRole(databaseUrl, "syszap_system", secrets.systemPassword),
  REDIS_URL: redisUrl,
  TOKEN_SIGNING_KEY: secrets.tokenSigningKey,
  ALLOWED_ORIGINS: origin,
  // Of backup and restore.
  MEDIA_DIRECTORY: paths.media,
  BACKUP_DATABASE_URL: asRole(databaseUrl, "syszap_backup", secrets.backupPassword),
  OWNER_DATABASE_URL: databaseUrl,
  APP_DATABASE_PASSWORD: secrets.appPassword,
  SYSTEM_DATABASE_PASSWORD: secrets.systemPassword,
  BACKUP_DATABASE_PASSWORD: secrets.backupPassword,
  ACCOUNT_ENCRYPTION_KEY: secrets.accountEncryptionKey,
  SESSION_ENCRYPTION_KEY: secrets.sessionEncryptionKey,
});

function splitDataOption(args: string[]): { dataDirectory: string | undefined; rest: string[] } {
  const at = args.indexOf("--data");
  if (at === -1) return { dataDirectory: undefined, rest: args };
  return { dataDirectory: args[at + 1], rest: args.toSpliced(at, 2) };
}
