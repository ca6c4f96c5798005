import { type ChildProcess, spawn } from "node:child_process";
import { root } from "./paths.ts";

const running = new Set<ChildProcess>();
const interruptedExitCode = 130;

/**
 * Makes SIGINT and SIGTERM end the running tools and then this process. SIGTERM is forwarded. SIGINT is not: Ctrl-C reaches
 * the tools directly, and a second SIGINT would make them exit without cleaning up.
 */
export function forwardSignalsToTools(): void {
  const onSignal = async (signal: NodeJS.Signals) => {
    const ending = [...running].map((child) => new Promise((resolve) => child.once("close", resolve)));
    if (signal === "SIGTERM") for (const child of running) child.kill(signal);
    await Promise.all(ending);
    process.exit(interruptedExitCode);
  };
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
}

/**
 * Runs a command in the repository's root, unless another folder is given, and resolves with its exit code. With `isQuiet` its output is printed only when it
 * fails, otherwise it goes straight to the terminal.
 */
export function runTool(
  command: string,
  args: string[],
  options: { isQuiet?: boolean; env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<number> {
  const child = spawn(command, args, {
    cwd: options.cwd ?? root,
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

/** Builds the services and the web app whose sources changed since the last build. Throws when a build fails. */
export async function buildChangedPackages(): Promise<void> {
  const code = await runTool("turbo", ["run", "build", "--output-logs=errors-only"], { isQuiet: true });
  if (code !== 0) throw new Error("The build failed. The output above says why.");
}
