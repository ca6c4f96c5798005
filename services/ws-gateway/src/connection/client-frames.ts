import { ClientFrame, closeCodes, type FrameOf } from "@syszap/contracts";
import { BusUnavailableError, notePresent, type Publisher } from "@syszap/event-bus";
import { type Logger, type RedisClient, withLogContext } from "@syszap/platform";
import type { Authorizer, Identity } from "../authorize.ts";
import type { Limits } from "../limits.ts";
import type { GatewayMetrics } from "../metrics.ts";
import { Refusal } from "../refusal.ts";
import { TokenBucket } from "../token-bucket.ts";
import type { Connection } from "./connection.ts";

type Of<Type extends ClientFrame["type"]> = Extract<ClientFrame, { type: Type }>;

/** Handles the frames that clients send, and refuses invalid ones. */
export class ClientFrames {
  constructor(
    private readonly options: {
      authorizer: Authorizer;
      publisher: Publisher;
      redis: RedisClient;
      limits: Limits;
      metrics: GatewayMetrics;
      log: Logger;
    },
  ) {}

  listenTo(connection: Connection): void {
    const { limits } = this.options;
    // Created on first use: most connections never send a frame.
    let rate: TokenBucket | undefined;
    let unknownFrames = 0;
    let nextReportAtMs = 0;
    connection.onMessage((data, isBinary) => {
      rate ??= new TokenBucket(limits.frameBurst, limits.framesPerSecond);
      if (!rate.take()) return refuse(connection, "too_many", "Too many frames", closeCodes.tooMany);
      if (isBinary) return refuse(connection, "malformed", "Frames must be JSON text", closeCodes.malformed);
      const json = parseJson(data);
      if (json === undefined) return refuse(connection, "malformed", "Invalid JSON", closeCodes.malformed);
      const frame = ClientFrame.safeParse(json);
      if (frame.success && frame.data.type === "shown") {
        // Reports are a sample: a client that sends more of them must not outweigh the others.
        if (performance.now() < nextReportAtMs) return;
        nextReportAtMs = performance.now() + limits.shownReportEveryMs;
        return this.options.metrics.shownSeconds.observe(frame.data.data.afterMs / 1_000);
      }
      if (frame.success) return withLogContext(connection.logContext, () => void this.handle(connection, frame.data));
      unknownFrames += 1;
      const isLast = unknownFrames >= limits.unknownFrames;
      refuse(connection, "unknown_frame", "Unknown frame", isLast ? closeCodes.malformed : undefined);
    });
  }

  private async handle(connection: Connection, frame: ClientFrame): Promise<void> {
    try {
      if (frame.type === "ping") pong(connection);
      if (frame.type === "refresh") await this.refresh(connection, frame);
      if (frame.type === "typing") await this.forwardTyping(connection, frame);
      if (frame.type === "present") {
        const { companyId, userId } = connection.identity;
        await notePresent(this.options.redis, { companyId, checkId: frame.data.checkId }, userId);
      }
    } catch (err) {
      if (!(err instanceof BusUnavailableError)) this.options.log.error({ err, type: frame.type }, "frame failed");
      refuse(connection, "unavailable", "Temporarily unavailable, try again");
    }
  }

  /**
   * Extends the connection with a new ticket. A ticket of another user or company closes it: a socket never changes its owner. So does
   * a ticket whose rights were read before those of the connection, because they may have changed in between.
   */
  private async refresh(connection: Connection, { data }: Of<"refresh">): Promise<void> {
    try {
      const renewed = await this.options.authorizer.withTicket(data.ticket);
      const { companyId, userId } = connection.identity;
      if (renewed.companyId !== companyId || renewed.userId !== userId)
        refuse(connection, "forbidden", "The ticket belongs to another user", closeCodes.forbidden);
      else if (isOlder(renewed, connection.identity))
        refuse(connection, "unauthenticated", "The ticket is older than this connection", closeCodes.unauthenticated);
      else renew(connection, renewed);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.status === 503) refuse(connection, "unavailable", error.title);
      else refuse(connection, "unauthenticated", error.title, closeCodes.unauthenticated);
    }
  }

  /** Sends a command to the connector that owns the session. It looks up the chat within the company of the token. */
  private async forwardTyping(connection: Connection, { data: { chatId, state } }: Of<"typing">): Promise<void> {
    const { companyId, userId } = connection.identity;
    await this.options.publisher.command(companyId, { kind: "typing", chatId, state, userId });
  }
}

function isOlder({ rightsReadAt: ticket }: Identity, { rightsReadAt: present }: Identity): boolean {
  if (!present) return false;
  if (ticket?.epoch !== present.epoch) return (ticket?.epoch ?? 0) < present.epoch;
  return ticket.seq < present.seq;
}

/** Other permissions than before change what the connection receives from now on, so its client must fetch its data again. */
function renew(connection: Connection, identity: Identity): void {
  const isSame = connection.identity.permissions === identity.permissions;
  connection.identity = identity;
  if (isSame || connection.cursor === undefined) return;
  connection.send({
    type: "resync",
    data: { reason: "permissions_changed", cursor: connection.cursor, afterMs: 0 },
  });
}

function pong(connection: Connection): void {
  const data: FrameOf<"pong">["data"] = { timestamp: new Date().toISOString() };
  if (connection.cursor !== undefined) data.cursor = connection.cursor;
  connection.send({ type: "pong", data });
}

function refuse(connection: Connection, code: string, message: string, closeCode?: number): void {
  connection.send({ type: "error", data: { code, message } });
  if (closeCode !== undefined) connection.close(closeCode, code);
}

function parseJson(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString());
  } catch {
    return undefined;
  }
}
