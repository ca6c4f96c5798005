import { setTimeout as delay } from "node:timers/promises";
import type { OwnedProcess } from "@syszap/testing/servers";

const [retryDelayMs, startDeadlineMs] = [500, 60_000];

interface Killable {
  port: number;
  process: Pick<OwnedProcess, "kill">;
}

/** A server that can be killed and restarted on the same port with its stored data. */
export class Restartable<Server extends Killable> {
  private constructor(
    public current: Server,
    private readonly start: (port: number | undefined) => Promise<Server>,
  ) {}

  static async start<Server extends Killable>(
    start: (port: number | undefined) => Promise<Server>,
  ): Promise<Restartable<Server>> {
    return new Restartable(await start(undefined), start);
  }

  /**
   * Sends SIGKILL and restarts the server after `awayMs`. Like a process manager, starts it again if it exits because a
   * server that it needs is down. Resolves when it is ready again.
   */
  async fail(awayMs: number): Promise<void> {
    await this.current.process.kill();
    await delay(awayMs);
    for (const startedAt = Date.now(); ; await delay(retryDelayMs)) {
      try {
        this.current = await this.start(this.current.port);
        return;
      } catch (err) {
        if (Date.now() - startedAt > startDeadlineMs) throw err;
      }
    }
  }
}
