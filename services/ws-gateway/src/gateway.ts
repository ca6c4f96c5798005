import { type Cursor, closeCodes } from "@syszap/contracts";
import { type Backlog, BusUnavailableError, Subscriber } from "@syszap/event-bus";
import type { Logger, RedisClient } from "@syszap/platform";
import { Access } from "./access.ts";
import type { Connection } from "./connection/connection.ts";
import type { Hub } from "./hub.ts";
import type { Limits } from "./limits.ts";
import type { GatewayMetrics } from "./metrics.ts";
import { Resume } from "./resume/resume.ts";

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
  private readonly access: Access;

  constructor(private readonly options: GatewayOptions) {
    const { hub, metrics, log } = options;
    this.access = new Access(options);
    this.subscriber = new Subscriber(
      { redis: options.subscriberRedis, commands: options.redis, log },
      {
        publication: (companyId, publication) => {
          if (publication.header.isAccessChange) this.access.end(companyId, publication.header.audience);
          hub.deliver(companyId, publication);
        },
        room: (companyId) => hub.room(companyId),
        announcement: (publication) => hub.announce(publication),
        resync: (companyId, reason, cursor) => {
          metrics.resyncs.inc();
          hub.resync(companyId, reason, cursor);
          void this.access.recheckRights(companyId);
        },
        controlCommand: (command) => this.access.execute(command),
        controlCommandsLost: () => void this.access.recheckLogins(),
      },
    );
    this.resume = new Resume({ ...options, subscriber: this.subscriber });
  }

  /** Sends the welcome after Redis has confirmed the subscription, then the missed events, and adds the connection to the hub. */
  async join(connection: Connection, since: Cursor | undefined): Promise<void> {
    const { limits } = this.options;
    const { companyId } = connection.identity;
    let next: Cursor | undefined;
    let mayResume = false;
    const checked = async () => {
      const cursor = await this.access.check(connection, since);
      mayResume = cursor !== undefined;
      return cursor;
    };
    try {
      const admit = (backlog: Backlog) => {
        if (connection.isOpen) next = this.resume.begin(connection, backlog, mayResume);
      };
      await this.access.whileJoining(connection, () =>
        this.subscriber.join(companyId, checked, admit, limits.resumeFirstBytes),
      );
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
}
