import { spawn } from "node:child_process";
import { root } from "./places.ts";

/** Runs a tool of the checkout and passes its output on (or keeps it, to show it only when it fails). Resolves with its exit code. */
export function runTool(
  command: string,
  args: string[],
  options: { isQuiet?: boolean; env?: NodeJS.ProcessEnv } = {},
): Promise<number> {
  const child = spawn(command, args, {
    cwd: root,
    stdio: ["ignore", options.isQuiet === true ? "pipe" : "inherit", options.isQuiet === true ? "pipe" : "inherit"],
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: "1", DO_NOT_TRACK: "1", ...options.env },
  });
  const output: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      if (code !== 0) process.stdout.write(Buffer.concat(output));
      resolve(code ?? 1);
    });
  });
}

/** Bundles every service and the web app whose sources changed since the last build. */
export async function buildChanged(): Promise<void> {
  const code = await runTool("turbo", ["run", "build", "--output-logs=errors-only", "--no-daemon"], { isQuiet: true });
  if (code !== 0) throw new Error("The build failed; see above.");
}
