import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { apiKeyPrefix, Cursor } from "@syszap/contracts";
import { currentLogContext, type Logger, withLogContext } from "@syszap/platform";
import { type Server as SocketServer, WebSocketServer } from "ws";
import type { Authorizer, Identity } from "../authorize.ts";
import { Connection } from "../connection/connection.ts";
import { GatewaySocket } from "../frames/gateway-socket.ts";
import type { Limits } from "../limits.ts";
import type { GatewayMetrics } from "../metrics.ts";
import { Refusal, refuseUpgrade } from "../refusal.ts";
import { requestContextOf } from "../request-context.ts";
import { KeyedBuckets } from "../token-bucket.ts";
import { ConnectionQuota } from "./connection-quota.ts";
import { createPeerAddress } from "./peer-address.ts";

interface UpgradeOptions {
  authorizer: Authorizer;
  allowedOrigins: readonly string[];
  trustedProxies: readonly string[];
  limits: Limits;
  metrics: GatewayMetrics;
  log: Logger;
  /** False while Redis is unavailable; new connections are refused then. */
  isReady: () => boolean;
  onConnection: (connection: Connection, since: Cursor | undefined) => void;
}

/** Returns the token of the Authorization header, or undefined when it has no bearer token. */
export function bearerTokenOf(req: IncomingMessage): string | undefined {
  return /^Bearer ([\w.~+/=-]+)$/i.exec(req.headers.authorization ?? "")?.[1];
}

/** Admits WebSocket upgrades. A socket is upgraded only after its address, origin, credential, URL and limits have been checked. */
export class Upgrade {
  private readonly quota = new ConnectionQuota();
  private readonly rate: KeyedBuckets;
  private readonly addressOf: (req: IncomingMessage) => string;
  private readonly origins: Set<string>;
  private readonly wss: SocketServer<typeof GatewaySocket>;
  private isClosed = false;

  constructor(private readonly options: UpgradeOptions) {
    const { limits } = options;
    this.rate = new KeyedBuckets({
      burst: limits.upgradeBurst,
      perSecond: limits.upgradesPerSecond,
      maxKeys: limits.trackedAddresses,
    });
    this.addressOf = createPeerAddress(options.trustedProxies);
    this.origins = new Set(options.allowedOrigins.map((origin) => new URL(origin).origin));
    this.wss = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: limits.frameBytes,
      maxFragments: limits.frameFragments,
      maxBufferedChunks: limits.frameChunks,
      perMessageDeflate: false,
      WebSocket: GatewaySocket,
    });
  }

  /** Refuses all further upgrades with 503, because the gateway is stopping. */
  close(): void {
    this.isClosed = true;
  }

  /** All log lines of the upgrade, and later of the socket, have the id of the request. */
  handle(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    return withLogContext(requestContextOf(req), () => this.admitOrRefuse(req, socket, head));
  }

  private async admitOrRefuse(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const ignore = () => {};
    socket.on("error", ignore); // the peer may disconnect during the checks
    const reservations: (() => void)[] = [];
    const release = () => {
      for (const releaseOne of reservations.splice(0)) releaseOne();
    };
    try {
      const { identity, since } = await this.admit(req, (keys) => reservations.push(this.quota.reserve(keys)));
      socket.on("close", release);
      if (socket.destroyed) release();
      socket.off("error", ignore);
      this.wss.handleUpgrade(req, socket, head, (ws) => this.welcome(ws, identity, since));
    } catch (error) {
      release();
      this.refuse(socket, error);
    }
  }

  private async admit(req: IncomingMessage, reserve: (keys: Record<string, number>) => void) {
    const { limits, isReady } = this.options;
    const url = new URL(req.url ?? "/", "http://gateway");
    if (url.pathname !== "/ws") throw new Refusal(404, "Not found");
    if (this.isClosed) throw new Refusal(503, "This gateway is shutting down", 1);
    const address = this.addressOf(req);
    if (!this.rate.take(address)) throw new Refusal(429, "Too many connection attempts", 2);
    if (!isReady()) throw new Refusal(503, "The realtime service is temporarily unavailable", 2);
    reserve({ all: limits.connectionsPerProcess, [`address ${address}`]: limits.connectionsPerAddress });
    const identity = await this.identify(req, url);
    for (const name of ["companyId", "userId"] as const) {
      const claimed = url.searchParams.get(name);
      if (claimed !== null && claimed !== identity[name])
        throw new Refusal(403, `The token belongs to another ${name === "userId" ? "user" : "company"}`);
    }
    reserve({
      [`company ${identity.companyId}`]: limits.connectionsPerCompany,
      [`user ${identity.userId}`]: limits.connectionsPerUser,
    });
    const since = Cursor.safeParse(url.searchParams.get("since"));
    // A malformed cursor is treated like one that is too old: `recovered` is false.
    return { identity, since: since.success ? since.data : undefined };
  }

  /**
   * Browsers always send an Origin header, which must be an allowed one. Programs omit it: they use a bearer token, an API key, or
   * a ticket that was requested with an API key.
   */
  private async identify(req: IncomingMessage, url: URL): Promise<Identity> {
    const { authorizer } = this.options;
    const { origin } = req.headers;
    const token = bearerTokenOf(req);
    const ticket = url.searchParams.get("ticket");
    if (origin !== undefined && !this.origins.has(origin)) throw new Refusal(403, "This origin is not allowed");
    if (token?.startsWith(apiKeyPrefix)) return authorizer.withApiKey(token);
    if (token !== undefined) return authorizer.withAccessToken(token);
    if (ticket === null) throw new Refusal(401, "A ticket, an access token or an API key is required");
    return authorizer.withTicket(ticket, { mustBeForApiKey: origin === undefined });
  }

  private welcome(ws: GatewaySocket, identity: Identity, since: Cursor | undefined): void {
    const { limits, metrics, log, onConnection } = this.options;
    const connection = new Connection(ws, identity, { closeGraceMs: limits.closeGraceMs, ...currentLogContext() });
    connection.onClose((code) => metrics.closes.inc({ code: String(code) }));
    withLogContext(connection.logContext, () => {
      log.debug("socket opened");
      onConnection(connection, since);
    });
  }

  private refuse(socket: Duplex, error: unknown): void {
    const refusal = error instanceof Refusal ? error : new Refusal(503, "Temporarily unavailable", 2, { cause: error });
    if (refusal !== error) this.options.log.error({ err: error }, "upgrade failed");
    this.options.metrics.refusals.inc({ status: String(refusal.status) });
    refuseUpgrade(socket, refusal);
  }
}
