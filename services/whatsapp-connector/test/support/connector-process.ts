import { spawn } from "node:child_process";

export interface ConnectorProcess {
  pid: number;
  kill(): Promise<void>;
  /** Stops it with SIGTERM, as a deployment does. */
  stop(): Promise<void>;
}

/** Starts the bundled connector in its own process. Resolves when it is up; rejects if it exits before that. */
export async function startConnectorProcess(env: NodeJS.ProcessEnv): Promise<ConnectorProcess> {
  const child = spawn(process.execPath, ["--enable-source-maps", "dist/main.js"], {
    cwd: new URL("../..", import.meta.url),
    env: { PATH: process.env.PATH, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const end = async (signal: "SIGKILL" | "SIGTERM") => {
    child.kill(signal);
    await exited;
  };
  const isUp = new Promise<void>((resolve) => {
    child.stdout.on("data", (lines: Buffer) => {
      if (lines.includes("connector is up")) resolve();
    });
  });
  await Promise.race([isUp, exited.then(() => Promise.reject(new Error("the connector did not start")))]);
  return { pid: child.pid ?? 0, kill: () => end("SIGKILL"), stop: () => end("SIGTERM") };
}
