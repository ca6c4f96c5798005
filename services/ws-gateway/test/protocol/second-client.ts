import { WebSocket } from "ws";

/** The response of POST /v1/realtime/ticket. */
export interface TicketResponse {
  status: number;
  retryAfterSeconds?: number;
  body?: { ticket: string; cursor: string };
}
export interface SecondClientOptions {
  /** Resolves to undefined when there is no response. */
  requestTicket(): Promise<TicketResponse | undefined>;
  /** URL of a gateway, or of the load balancer in front of several: `ws://…/ws`. */
  url(): string;
  origin: string;
  companyId: string;
  userId: string;
}
interface Frame {
  type: string;
  id?: string;
  cursor?: string;
  data: Record<string, unknown>;
}

/** Section 5. */
const rememberedIds = 2_000;
/** Section 7. */
const firstDelayMs = 500;
const maxDelayMs = 30_000;
const healthyAfterMs = 10_000;
/** Section 9. */
const refreshBeforeMs = 45_000;

/**
 * A client written from docs/protocol.md alone, to prove that the page is sufficient. It imports none of our code. A change
 * here that makes a test pass must be made in that page too.
 */
export class SecondClient {
  /** All received frames with a label: the body of a message, or "resync", "recovered", "not recovered", "pong", "error …". */
  readonly received: { label: string; frame: Frame }[] = [];
  state: "running" | "signed out" | "stopped" = "running";
  cursor: string | undefined;
  tickets = 0;
  readonly closes: number[] = [];
  private ws: WebSocket | undefined;
  private attempt = 0;
  private readonly takenIds = new Set<string>();
  private timers: NodeJS.Timeout[] = [];
  private lastFrameAt = 0;

  constructor(private readonly options: SecondClientOptions) {}

  get isOpen(): boolean {
    return this.ws?.readyState === WebSocket.OPEN;
  }

  /** Sections 2 and 3. */
  async connect(): Promise<void> {
    const response = await this.ticket();
    if (!response) return;
    const { url, origin, companyId, userId } = this.options;
    this.cursor ??= response.cursor;
    const query = new URLSearchParams({ companyId, userId, ticket: response.ticket, since: this.cursor });
    const ws = new WebSocket(`${url()}?${query}`, { headers: { origin } });
    this.ws = ws;
    let openedAt = Number.POSITIVE_INFINITY;
    ws.on("open", () => {
      openedAt = Date.now();
    });
    ws.on("error", () => undefined);
    ws.on("message", (data) => this.handle(JSON.parse(data.toString()) as Frame));
    ws.on("close", (code) => {
      if (this.ws !== ws) return;
      if (Date.now() - openedAt >= healthyAfterMs) this.attempt = 0;
      this.closes.push(code);
      this.reconnect(code);
    });
  }

  send(frame: object): void {
    this.ws?.send(JSON.stringify(frame));
  }

  /** Simulates a lost network connection. */
  cut(): void {
    this.ws?.terminate();
  }

  close(): void {
    this.clearTimers();
    this.state = "stopped";
    this.ws?.terminate();
    this.ws = undefined;
  }

  private async ticket(): Promise<{ ticket: string; cursor: string } | undefined> {
    this.tickets += 1;
    const response = await this.options.requestTicket().catch(() => undefined);
    if (this.state !== "running") return undefined;
    if (response?.status === 401) this.finish("signed out");
    else if (response?.status === 403) this.finish("stopped");
    else if (response?.status !== 200 || !response.body)
      this.connectIn((response?.retryAfterSeconds ?? 0) * 1_000 + this.nextDelay());
    else return response.body;
    return undefined;
  }

  /** Section 4. */
  private handle(frame: Frame): void {
    this.lastFrameAt = Date.now();
    const { type, data } = frame;
    if (type === "welcome") this.welcome(data);
    else if (type === "resync") this.advanceTo(frame, data.cursor);
    else if (type === "pong") this.advanceTo(frame, data.cursor);
    else if (type === "reconnect")
      this.timers.push(setTimeout(() => this.moveToAnotherGateway(), Number(data.afterMs)));
    else if (type === "error") this.received.push({ label: `error ${String(data.code)}`, frame });
    else this.event(frame);
  }

  private welcome(data: Record<string, unknown>): void {
    const isRecovered = data.recovered === true;
    this.advanceTo({ type: isRecovered ? "recovered" : "not recovered", data }, data.cursor);
    const heartbeatMs = Number(data.heartbeatMs);
    this.timers.push(setInterval(() => this.checkConnection(heartbeatMs), heartbeatMs / 3));
    this.refreshBefore(Date.parse(String(data.expiresAt)) - Date.parse(String(data.timestamp)));
  }

  /** Section 5. */
  private event(frame: Frame): void {
    const isRepeat = frame.cursor !== undefined && this.takenIds.has(frame.id ?? "");
    if (!isRepeat) this.received.push({ label: String(frame.data.Body ?? frame.type), frame });
    if (frame.cursor === undefined) return;
    this.takenIds.add(frame.id ?? "");
    const [oldest] = this.takenIds;
    if (this.takenIds.size > rememberedIds && oldest !== undefined) this.takenIds.delete(oldest);
    this.cursor = frame.cursor;
  }

  private advanceTo(frame: Frame, cursor: unknown): void {
    if (typeof cursor === "string") this.cursor = cursor;
    this.received.push({ label: frame.type, frame });
  }

  /** Section 8. */
  private checkConnection(heartbeatMs: number): void {
    this.send({ type: "ping", data: {} });
    const pingedAt = Date.now();
    const cutIfSilent = () => {
      if (this.lastFrameAt < pingedAt) this.cut();
    };
    this.timers.push(setTimeout(cutIfSilent, (heartbeatMs * 2) / 3));
  }

  /** Section 9. */
  private async refresh(): Promise<void> {
    const response = await this.options.requestTicket().catch(() => undefined);
    this.tickets += 1;
    if (!response?.body) return;
    const { ticket } = response.body;
    this.send({ type: "refresh", data: { ticket } });
    const claims = JSON.parse(Buffer.from(ticket.split(".")[1] ?? "", "base64url").toString()) as { ate: number };
    this.refreshBefore(claims.ate * 1_000 - Date.now());
  }

  private refreshBefore(leftMs: number): void {
    this.timers.push(setTimeout(() => void this.refresh(), Math.max(0, leftMs - refreshBeforeMs)));
  }

  /** Section 7. */
  private reconnect(code: number): void {
    this.clearTimers();
    if (this.state !== "running") return;
    if (code === 4403) this.finish("stopped");
    else this.connectIn(this.nextDelay());
  }

  /** Connects without a further delay: the gateway chose the moment. */
  private moveToAnotherGateway(): void {
    const old = this.ws;
    this.ws = undefined;
    this.clearTimers();
    old?.close(1000);
    void this.connect();
  }

  private nextDelay(): number {
    const ceiling = Math.min(maxDelayMs, firstDelayMs * 2 ** this.attempt);
    this.attempt += 1;
    return Math.random() * ceiling;
  }

  private connectIn(delayMs: number): void {
    this.timers.push(setTimeout(() => void this.connect(), delayMs));
  }

  private finish(state: "signed out" | "stopped"): void {
    this.state = state;
    this.clearTimers();
  }

  private clearTimers(): void {
    for (const timer of this.timers.splice(0)) clearTimeout(timer);
  }
}
