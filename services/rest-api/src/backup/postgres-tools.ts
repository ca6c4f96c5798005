import { execFile, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { ProblemError } from "../problem.ts";

const run = promisify(execFile);
type Tool = "pg_dump" | "pg_restore" | "psql";

/** Debian's and Homebrew's packages keep the programs of several versions side by side. */
const packageFolders = (major: number) => [
  `/usr/lib/postgresql/${major}/bin`,
  `/opt/homebrew/opt/postgresql@${major}/bin`,
  `/usr/local/opt/postgresql@${major}/bin`,
];
const newestMajor = 30;

/** Finds a program of Postgres of this major version or, if there is none, of the next one. An older one cannot be used. */
export async function findTool(tool: Tool, major: number): Promise<{ path: string; major: number }> {
  const majors = Array.from({ length: newestMajor - major }, (_, index) => major + index);
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...majors.flatMap(packageFolders)];
  let best: { path: string; major: number } | undefined;
  for (const path of folders.map((folder) => join(folder, tool)).filter((path) => existsSync(path))) {
    const { stdout } = await run(path, ["--version"]).catch(() => ({ stdout: "" }));
    const found = Number(/\) (\d+)/.exec(stdout)?.[1]);
    if (found >= major && found < (best?.major ?? newestMajor)) best = { path, major: found };
  }
  if (best) return best;
  throw new ProblemError(
    "conflict",
    `${tool} of Postgres ${major} was not found. Install the package postgresql-client-${major} (macOS: brew install postgresql@${major}).`,
  );
}

/** The arguments and variables that connect a program of Postgres. The password is not among the arguments, which others can read. */
function connectionOf(url: string): { argument: string; env: NodeJS.ProcessEnv } {
  const address = new URL(url);
  const password = decodeURIComponent(address.password);
  address.password = "";
  return { argument: `--dbname=${address.href}`, env: { ...process.env, PGPASSWORD: password } };
}

const errorsKept = 2_000;

interface Program {
  path: string;
  args: string[];
  env?: NodeJS.ProcessEnv;
  input?: AsyncIterable<string | Uint8Array>;
  signal?: AbortSignal | undefined;
}

/** Runs a program to its end. Rejects with its last error lines when it fails. */
async function runProgram({ path, args, env = process.env, input, signal }: Program): Promise<void> {
  const child = spawn(path, args, { env, stdio: [input ? "pipe" : "ignore", "ignore", "pipe"], signal });
  let errors = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-errorsKept);
  });
  const ended = new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  // A program that ends early closes its input; its own error says why.
  const fed =
    input && child.stdin ? pipeline(Readable.from(input), child.stdin).catch((error: unknown) => error) : undefined;
  const code = await ended;
  const failure = await fed;
  if (code !== 0) throw new Error(`${path} failed:\n${errors.trim()}`);
  if (failure) throw failure;
}

/** Writes a dump in the custom format, compressed. */
export async function dumpDatabase(path: string, url: string, snapshot: string, file: string): Promise<void> {
  const { argument, env } = connectionOf(url);
  const args = ["--format=custom", "--enable-row-security", "--no-comments"];
  await writeFile(file, "", { mode: 0o600 }); // pg_dump keeps the mode of an existing file
  await runProgram({ path, env, args: [...args, `--snapshot=${snapshot}`, `--file=${file}`, argument] });
}

const headLength = 4_096;

/** Removes the setting that pg_restore 17 and newer write into the head of every script, and that older servers refuse. */
export async function* withoutNewerSettings(script: AsyncIterable<Buffer>): AsyncGenerator<Buffer | string> {
  let head: Buffer | undefined = Buffer.alloc(0);
  const cleaned = (bytes: Buffer) => bytes.toString("latin1").replace(/^SET transaction_timeout = 0;\n/m, "");
  for await (const chunk of script) {
    if (!head) {
      yield chunk;
      continue;
    }
    head = Buffer.concat([head, chunk]);
    if (head.byteLength < headLength) continue;
    yield Buffer.from(cleaned(head), "latin1");
    head = undefined;
  }
  if (head) yield Buffer.from(cleaned(head), "latin1");
}

/** Restores a dump in one transaction, between two pieces of SQL. Nothing changes when it fails or is killed. */
export async function restoreDatabase(
  tools: { restore: string; psql: string },
  url: string,
  { dump, before, after }: { dump: string; before: string; after: string },
): Promise<void> {
  const { argument, env } = connectionOf(url);
  const options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--file=-", argument];
  const script = spawn(tools.restore, ["--file=-", dump], { stdio: ["ignore", "pipe", "pipe"] });
  let errors = "";
  script.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors = (errors + text).slice(-errorsKept);
  });
  const ended = new Promise<number | null>((resolve, reject) => script.on("error", reject).on("close", resolve));
  ended.catch(() => undefined);
  async function* statements() {
    yield `begin;\n${before}`;
    yield* withoutNewerSettings(script.stdout);
    // Then psql receives no commit, and Postgres undoes everything.
    if ((await ended) !== 0) throw new Error(`${tools.restore} failed:\n${errors.trim()}`);
    yield `${after}\ncommit;\n`;
  }
  try {
    await runProgram({ path: tools.psql, args: options, env, input: statements() });
  } finally {
    script.kill();
  }
}
