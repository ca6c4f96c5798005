import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { exitWithError } from "../console.ts";
import { dataPathsIn, root } from "../paths.ts";
import { type Run, readRun } from "../system/run-file.ts";
import { loadOrCreateSecrets } from "../system/secrets.ts";

const bundle = join(root, "services/rest-api/dist/cli/syszap.js");

/** `npm run syszap -- …`: runs the command line against the system that `npm start` runs. `--data DIR` selects its data directory. */
export async function run(args: string[]): Promise<void> {
  const { dataDirectory, rest } = splitDataOption(args);
  const paths = dataPathsIn(dataDirectory);
  const running = readRun(paths.runFile);
  if (running === undefined || !existsSync(bundle))
    return exitWithError(new Error("sysZap is not running here. Run `npm start` in another terminal first."));
  const env = { ...process.env, ...environmentOf(running, loadOrCreateSecrets(paths.secretsFile).tokenSigningKey) };
  const child = spawn(process.execPath, ["--enable-source-maps", bundle, ...rest], { env, stdio: "inherit" });
  child.on("error", exitWithError);
  child.on("exit", (code) => process.exit(code ?? 1));
}

/** The variables that the command line reads, as `npm start` sets them for rest-api. */
const environmentOf = (running: Run, tokenSigningKey: string): NodeJS.ProcessEnv => ({
  NODE_ENV: "development",
  DATABASE_URL: running.appDatabaseUrl,
  SYSTEM_DATABASE_URL: running.systemDatabaseUrl,
  REDIS_URL: running.redisUrl,
  TOKEN_SIGNING_KEY: tokenSigningKey,
  ALLOWED_ORIGINS: running.url,
});

function splitDataOption(args: string[]): { dataDirectory: string | undefined; rest: string[] } {
  const at = args.indexOf("--data");
  if (at === -1) return { dataDirectory: undefined, rest: args };
  return { dataDirectory: args[at + 1], rest: args.toSpliced(at, 2) };
}
