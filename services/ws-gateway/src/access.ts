import { type Audience, type ControlCommand, type Cursor, closeCodes, isInAudience } from "@syszap/contracts";
import { changedAmong, checkRights, revokedAmong } from "@syszap/event-bus";
import type { Logger, RedisClient } from "@syszap/platform";
import type { Connection } from "./connection/connection.ts";
import type { Hub } from "./hub.ts";

const recheckBatchSize = 1_000;
const recheckRetryMs = 1_000;
const changedReason = "permissions changed: sign in again";

/**
 * Closes connections whose user may no longer have them. A change of rights is a publication of the company's log, so it takes effect
 * at its position: its audience receives nothing that was published later. Each connection is checked against the marks of earlier
 * changes after its company's channel was subscribed, so that no change is missed between the ticket and the subscription.
 */
export class Access {
  /** Connections that are not in the hub yet. */
  private readonly joining = new Set<Connection>();

  constructor(private readonly options: { hub: Hub; redis: RedisClient; log: Logger }) {}

  async whileJoining(connection: Connection, join: () => Promise<void>): Promise<void> {
    this.joining.add(connection);
    try {
      await join();
    } finally {
      this.joining.delete(connection);
    }
  }

  /** Closes the connection if its ticket is older than a change of its rights. Returns the cursor if it may be resumed. */
  async check(connection: Connection, since: Cursor | undefined): Promise<Cursor | undefined> {
    const { identity } = connection;
    const { isTicketCurrent, mayResume } = await checkRights(this.options.redis, identity.companyId, {
      member: identity,
      readAt: identity.rightsReadAt,
      since,
    });
    if (!isTicketCurrent) connection.close(closeCodes.unauthenticated, changedReason);
    return mayResume ? since : undefined;
  }

  /** Closes the connections of the audience, whose rights have changed. */
  end(companyId: string, audience: Audience): void {
    for (const connection of this.connectionsOf(companyId))
      if (isInAudience(audience, connection.identity)) connection.close(closeCodes.unauthenticated, changedReason);
  }

  execute(command: ControlCommand): void {
    for (const connection of this.connectionsOf(command.companyId)) {
      const { userId, loginId } = connection.identity;
      if (command.kind === "disconnect_company") connection.close(closeCodes.forbidden, "the company is closed");
      if (command.kind === "disconnect_user" && command.userId === userId)
        connection.close(closeCodes.unauthenticated, changedReason);
      if (command.kind === "disconnect_login" && command.loginId === loginId)
        connection.close(closeCodes.unauthenticated, "logged out");
    }
  }

  /** Closes the connections of revoked logins after control commands may have been lost. Retries until Redis answers. */
  async recheckLogins(): Promise<void> {
    await this.retried("revoked logins", async () => {
      for (const batch of batchesOf([...this.options.hub.connections()])) {
        const ids = new Set(batch.flatMap(({ identity }) => [identity.loginId, identity.companyId]));
        const revoked = await revokedAmong(this.options.redis, [...ids]);
        for (const connection of batch) {
          const { loginId, companyId } = connection.identity;
          if (revoked.has(companyId)) connection.close(closeCodes.forbidden, "the company is closed");
          else if (revoked.has(loginId)) connection.close(closeCodes.unauthenticated, "logged out");
        }
      }
    });
  }

  /**
   * Closes connections after publications of the company may have been lost, with them a change of rights. Positions of a lost log
   * cannot be compared, so every mark counts: it is at most a day old, and the client must fetch its data again anyway.
   */
  async recheckRights(companyId: string): Promise<void> {
    await this.retried("changed rights", async () => {
      for (const batch of batchesOf([...this.connectionsOf(companyId)])) {
        const names = [...new Set(batch.flatMap(({ identity }) => [identity.userId, identity.role]))];
        const changed = await changedAmong(this.options.redis, companyId, names);
        for (const connection of batch)
          if (changed.has(connection.identity.userId) || changed.has(connection.identity.role))
            connection.close(closeCodes.unauthenticated, changedReason);
      }
    });
  }

  private *connectionsOf(companyId: string): Generator<Connection> {
    yield* this.options.hub.connections(companyId);
    for (const connection of this.joining) if (connection.identity.companyId === companyId) yield connection;
  }

  private async retried(what: string, check: () => Promise<void>): Promise<void> {
    try {
      await check();
    } catch (err) {
      this.options.log.warn({ err }, `check for ${what} failed, retrying`);
      setTimeout(() => void this.retried(what, check), recheckRetryMs).unref();
    }
  }
}

function* batchesOf(connections: readonly Connection[]): Generator<readonly Connection[]> {
  for (let from = 0; from < connections.length; from += recheckBatchSize)
    yield connections.slice(from, from + recheckBatchSize);
}
