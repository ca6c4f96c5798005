import getPort, { portNumbers } from "get-port";

/** Below the range from which outgoing connections take theirs: a server that is away for a moment gets its port back. */
const [lowest, highest] = [15_000, 32_000];
const tried = 100;

/** A port of the loopback interface that nobody listens on at this moment; whoever binds it must be ready to lose the race. */
export function freePort(): Promise<number> {
  const from = lowest + Math.floor(Math.random() * (highest - lowest - tried));
  return getPort({ host: "127.0.0.1", port: portNumbers(from, from + tried) });
}

/** Starts something on a free port, and again on another one when it lost the race for the first. */
export async function onFreePort<Started>(
  port: number | undefined,
  start: (port: number) => Promise<Started>,
): Promise<Started> {
  if (port !== undefined) return start(port);
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(await freePort());
    } catch (err) {
      if (attempt === 3) throw err;
    }
  }
}
