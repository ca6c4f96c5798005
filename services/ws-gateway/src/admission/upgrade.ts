import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Cursor } from "@syszap/contracts";
import type { Logger } from "@syszap/platform";
import { type Server as SocketServer, WebSocketServer } from "ws";
import type { Authorizer, Identity } from "../authorize.ts";
import { Connection } from "../connection/connection.ts";
import { GatewaySocket } from "../frames/gateway-socket.ts";
import type { Limits } from "../limits.ts";
import type { GatewayMetrics } from "../metrics.ts";
import { Refusal, refuseUpgrade } from "../refusal.ts";
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
  /** False while Redis is away: nobody new is let in then. */
  isReady: () => boolean;
  onConnection: (connection: Connection, since: Cursor | undefined) => void;
}

/** Undefined without a bearer credential. */
export function bearerTokenOf(req: IncomingMessage): string | undefined {
  return /^Bearer ([\w.~+/=-]+)$/i.exec(req.headers.authorization ?? "")?.[1];
}

/** The way in: nothing is upgraded before address, origin, credential, URL and limits have all passed. */
export class Upgrade {
  private readonly quota = new ConnectionQuota();
  private readonly rate: KeyedBuckets;
  private readonly addressOf: (req: IncomingMessage) => string;
  private readonly origins: Set<string>;
  private readonly wss: SocketServer<typeof GatewaySocket>;
  private isClosed = false;

  constructor(private readonly options: UpgradeOptions) {
    const { limits } = options;
    this.rate = new KeyedBuckets(limits.upgradeBurst, limits.upgradesPerSecond);
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

  /** From now on 503: the gateway is leaving. */
  close(): void {
    this.isClosed = true;
  }

  async handle(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const ignore = () => {};
    socket.on("error", ignore); // a peer that gives up while it is being checked
    const held: (() => void)[] = [];
    const release = () => {
      for (const giveBack of held.splice(0)) giveBack();
    };
    try {
      const { identity, since } = await this.admit(req, (places) => held.push(this.quota.reserve(places)));
      socket.on("close", release);
      if (socket.destroyed) release();
      socket.off("error", ignore);
      this.wss.handleUpgrade(req, socket, head, (ws) => this.welcome(ws, identity, since));
    } catch (error) {
      release();
      this.turnAway(socket, error);
    }
  }

  private async admit(req: IncomingMessage, reserve: (places: Record<string, number>) => void) {
    const { limits, isReady } = this.options;
    const url = new URL(req.url ?? "/", "http://gateway");
    if (url.pathname !== "/ws") throw new Refusal(404, "There is nothing here");
    if (this.isClosed) throw new Refusal(503, "This gateway is leaving", 1);
    const address = this.addressOf(req);
    if (!this.rate.take(address)) throw new Refusal(429, "Too many attempts", 2);
    if (!isReady()) throw new Refusal(503, "The realtime service is not available now", 2);
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
    // What is no cursor of ours is answered like one that is too old: `recovered` false.
    return { identity, since: since.success ? since.data : undefined };
  }

  /** A browser always names its origin; only a client that can set headers may come without. */
  private async identify(req: IncomingMessage, url: URL): Promise<Identity> {
    const { authorizer } = this.options;
    const { origin } = req.headers;
    const token = bearerTokenOf(req);
    const ticket = url.searchParams.get("ticket");
    if (origin !== undefined ? !this.origins.has(origin) : token === undefined && ticket !== null)
      throw new Refusal(403, "This origin may not connect");
    if (token !== undefined) return authorizer.withAccessToken(token);
    if (ticket === null) throw new Refusal(401, "A ticket or an access token is needed");
    return authorizer.withTicket(ticket);
  }

  private welcome(ws: GatewaySocket, identity: Identity, since: Cursor | undefined): void {
    const { limits, metrics, onConnection } = this.options;
    const connection = new Connection(ws, identity, limits.closeGraceMs);
    connection.onClose((code) => metrics.closes.inc({ code: String(code) }));
    onConnection(connection, since);
  }

  private turnAway(socket: Duplex, error: unknown): void {
    const refusal = error instanceof Refusal ? error : new Refusal(503, "Not possible now", 2, { cause: error });
    if (refusal !== error) this.options.log.error({ err: error }, "an upgrade failed");
    this.options.metrics.refusals.inc({ status: String(refusal.status) });
    refuseUpgrade(socket, refusal);
  }
}
