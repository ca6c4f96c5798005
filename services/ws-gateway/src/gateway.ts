import { type ControlCommand, type Cursor, closeCodes } from "@syszap/contracts";
import { type Backlog, BusUnavailableError, mayResume, revokedAmong, Subscriber } from "@syszap/event-bus";
import type { Logger, RedisClient } from "@syszap/platform";
import type { Connection } from "./connection/connection.ts";
import type { Hub } from "./hub.ts";
import type { Limits } from "./limits.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { Resume } from "./resume/resume.ts";

const recheckBatchSize = 1_000;
const recheckRetryMs = 1_000;

interface GatewayOptions {
  hub: Hub;
  subscriberRedis: RedisClient;
  redis: RedisClient;
  limits: Limits;
  metrics: GatewayMetrics;
  log: Logger;
}

/** Connects `Hub`, which holds the connections of this process, with `Subscriber`, which reads from Redis. */
export class Gateway {
  readonly subscriber: Subscriber;
  private readonly resume: Resume;

  constructor(private readonly options: GatewayOptions) {
    const { hub, metrics, log } = options;
    this.subscriber = new Subscriber(
      { redis: options.subscriberRedis, commands: options.redis, log },
      {
        publication: (companyId, publication) => hub.deliver(companyId, publication),
        room: (companyId) => hub.room(companyId),
        announcement: (publication) => hub.announce(publication),
        resync: (companyId, reason, cursor) => {
          metrics.resyncs.inc();
          hub.resync(companyId, reason, cursor);
        },
        controlCommand: (command) => this.execute(command),
        controlCommandsLost: () => void this.recheck(),
      },
    );
    this.resume = new Resume({ ...options, subscriber: this.subscriber });
  }

  /** Sends the welcome after Redis has confirmed the subscription, then the missed events, and adds the connection to the hub. */
  async join(connection: Connection, since: Cursor | undefined): Promise<void> {
    const { limits } = this.options;
    const { companyId, userId } = connection.identity;
    let next: Cursor | undefined;
    try {
      const isResumable = since !== undefined && (await mayResume(this.options.redis, companyId, { userId, since }));
      const admit = (backlog: Backlog) => {
        if (connection.isOpen) next = this.resume.begin(connection, backlog, since !== undefined);
      };
      await this.subscriber.join(companyId, isResumable ? since : undefined, admit, limits.resumeFirstBytes);
    } catch (err) {
      if (!(err instanceof BusUnavailableError))
        this.options.log.error({ err }, "connection could not join its channel");
      connection.close(closeCodes.overloaded, "temporarily unavailable");
      return;
    }
    if (connection.isOpen) connection.onClose(() => this.leave(connection));
    else this.leave(connection);
    if (next !== undefined) await this.resume.finish(connection, next);
  }

  close(): void {
    this.subscriber.close();
  }

  private leave(connection: Connection): void {
    this.options.hub.remove(connection);
    this.subscriber.leave(connection.identity.companyId);
  }

  private execute(command: ControlCommand): void {
    for (const connection of this.options.hub.connections(command.companyId)) {
      const { userId, loginId } = connection.identity;
      if (command.kind === "disconnect_company") connection.close(closeCodes.forbidden, "the company is closed");
      if (command.kind === "disconnect_user" && command.userId === userId)
        connection.close(closeCodes.unauthenticated, "permissions changed: sign in again");
      if (command.kind === "disconnect_login" && command.loginId === loginId)
        connection.close(closeCodes.unauthenticated, "logged out");
    }
  }

  /** Closes the connections of revoked logins after control commands may have been lost. Retries until Redis answers. */
  private async recheck(): Promise<void> {
    const all = [...this.options.hub.connections()];
    try {
      for (let from = 0; from < all.length; from += recheckBatchSize) {
        const batch = all.slice(from, from + recheckBatchSize);
        const revoked = await revokedAmong(this.options.redis, [
          ...new Set(batch.map((each) => each.identity.loginId)),
        ]);
        for (const connection of batch)
          if (revoked.has(connection.identity.loginId)) connection.close(closeCodes.unauthenticated, "logged out");
      }
    } catch (err) {
      this.options.log.warn({ err }, "check for revoked logins failed, retrying");
      setTimeout(() => void this.recheck(), recheckRetryMs).unref();
    }
  }
}
