import getPort, { portNumbers } from "get-port";

/** Below the ephemeral range of outgoing connections, so that a server that restarts gets its port back. */
const [lowestPort, highestPort] = [15_000, 32_000];
const candidates = 100;
const maxAttempts = 3;

/**
 * Returns a loopback port on which nothing listens at this moment. Another process may bind it first; use `onFreePort` to
 * retry in that case.
 */
export function freePort(): Promise<number> {
  const from = lowestPort + Math.floor(Math.random() * (highestPort - lowestPort - candidates));
  return getPort({ host: "127.0.0.1", port: portNumbers(from, from + candidates) });
}

/** Calls `start` with a free port and retries with other ports when it fails. A given `port` is tried only once. */
export async function onFreePort<Started>(
  port: number | undefined,
  start: (port: number) => Promise<Started>,
): Promise<Started> {
  if (port !== undefined) return start(port);
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (err) {
      if (attempt === maxAttempts) throw err;
    }
  }
}
