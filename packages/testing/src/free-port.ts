import getPort from "get-port";

/** A port of the loopback interface that nobody listens on at this moment; whoever binds it must be ready to lose the race. */
export const freePort = (): Promise<number> => getPort({ host: "127.0.0.1" });

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
