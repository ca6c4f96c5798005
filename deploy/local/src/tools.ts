import { type ChildProcess, spawn } from "node:child_process";
import { root } from "./places.ts";

const running = new Set<ChildProcess>();
const interruptedExitCode = 130;

/**
 * For commands that run tools one after another: a signal ends the tool that runs, and nothing follows it. Ctrl-C reaches
 * the tool by itself, and a second one would make it leave without cleaning up.
 */
export function endToolsOnSignals(): void {
  const onSignal = async (signal: NodeJS.Signals) => {
    const ending = [...running].map((child) => new Promise((resolve) => child.once("close", resolve)));
    if (signal === "SIGTERM") for (const child of running) child.kill(signal);
    await Promise.all(ending);
    process.exit(interruptedExitCode);
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
}

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
  running.add(child);
  const output: Buffer[] = [];
  child.stdout?.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr?.on("data", (chunk: Buffer) => output.push(chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      running.delete(child);
      if (code !== 0) process.stdout.write(Buffer.concat(output));
      resolve(code ?? 1);
    });
  });
}

/** Bundles every service and the web app whose sources changed since the last build. */
export async function buildChanged(): Promise<void> {
  const code = await runTool("turbo", ["run", "build", "--output-logs=errors-only"], { isQuiet: true });
  if (code !== 0) throw new Error("The build failed; see above.");
}
