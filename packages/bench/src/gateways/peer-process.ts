import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface PeerProcess {
  pid: number;
  port: number;
  close(): Promise<void>;
}

/**
 * Runs one of `servers/` and resolves with its port. The servers are plain JavaScript, so that no compiler uses memory.
 */
export async function startPeerProcess(
  server: string,
  redisUrl: string,
  env: Record<string, string> = {},
): Promise<PeerProcess> {
  const child = fork(fileURLToPath(new URL(`servers/${server}.mjs`, import.meta.url)), {
    execArgv: [],
    env: { ...process.env, NODE_ENV: "production", REDIS_URL: redisUrl, ...env },
  });
  const port = await new Promise<number>((resolve, reject) => {
    child.once("message", (message: { port: number }) => resolve(message.port));
    child.once("exit", (code) => reject(new Error(`${server} exited with code ${code} before it listened.`)));
  });
  return { pid: child.pid ?? 0, port, close: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.disconnect();
  await ended;
}
