import { WebSocket } from "ws";

/** What POST /v1/realtime/ticket answered; undefined when nothing came back. */
export interface TicketAnswer {
  status: number;
  retryAfterSeconds?: number;
  body?: { ticket: string; cursor: string };
}
export interface SecondClientOptions {
  askTicket(): Promise<TicketAnswer | undefined>;
  /** Of a gateway, or of the balancer in front of several: `ws://…/ws`. */
  address(): string;
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

/** Of section 5, 7, 8 and 9. */
const remembered = 2_000;
const [firstDelayMs, longestDelayMs, healthyAfterMs] = [500, 30_000, 10_000];
const refreshBeforeMs = 45_000;

/**
 * Written from docs/protocol.md and nothing else, to see whether that is enough: so it imports nothing of ours, and
 * whoever changes it to make a test pass changes that page, too.
 */
export class SecondClient {
  /** Everything it was told, as it took it: bodies, "resync", "not recovered", "pong". */
  readonly told: { what: string; frame: Frame }[] = [];
  end: "running" | "signed out" | "stopped" = "running";
  cursor: string | undefined;
  tickets = 0;
  readonly closes: number[] = [];
  private ws: WebSocket | undefined;
  private attempt = 0;
  private readonly takenIds = new Set<string>();
  private timers: NodeJS.Timeout[] = [];
  private heardAt = 0;

  constructor(private readonly options: SecondClientOptions) {}

  get isOpen(): boolean {
    return this.ws?.readyState === WebSocket.OPEN;
  }

  /** Sections 2 and 3. */
  async connect(): Promise<void> {
    const answer = await this.ticket();
    if (!answer) return;
    const { address, origin, companyId, userId } = this.options;
    this.cursor ??= answer.cursor;
    const query = new URLSearchParams({ companyId, userId, ticket: answer.ticket, since: this.cursor });
    const ws = new WebSocket(`${address()}?${query}`, { headers: { origin } });
    this.ws = ws;
    let openedAt = Number.POSITIVE_INFINITY;
    ws.on("open", () => {
      openedAt = Date.now();
    });
    ws.on("error", () => undefined);
    ws.on("message", (data) => this.hear(JSON.parse(data.toString()) as Frame));
    ws.on("close", (code) => {
      if (this.ws !== ws) return;
      if (Date.now() - openedAt >= healthyAfterMs) this.attempt = 0;
      this.closes.push(code);
      this.comeBack(code);
    });
  }

  send(frame: object): void {
    this.ws?.send(JSON.stringify(frame));
  }

  /** The wire is gone. */
  cut(): void {
    this.ws?.terminate();
  }

  close(): void {
    this.forget();
    this.end = "stopped";
    this.ws?.terminate();
    this.ws = undefined;
  }

  private async ticket(): Promise<{ ticket: string; cursor: string } | undefined> {
    this.tickets += 1;
    const answer = await this.options.askTicket().catch(() => undefined);
    if (this.end !== "running") return undefined;
    if (answer?.status === 401) this.finish("signed out");
    else if (answer?.status === 403) this.finish("stopped");
    else if (answer?.status !== 200 || !answer.body)
      this.later((answer?.retryAfterSeconds ?? 0) * 1_000 + this.delay());
    else return answer.body;
    return undefined;
  }

  /** Section 4. */
  private hear(frame: Frame): void {
    this.heardAt = Date.now();
    const { type, data } = frame;
    if (type === "welcome") this.welcome(data);
    else if (type === "resync") this.moveTo(frame, data.cursor);
    else if (type === "pong") this.moveTo(frame, data.cursor);
    else if (type === "reconnect") this.timers.push(setTimeout(() => this.move(), Number(data.afterMs)));
    else if (type === "error") this.told.push({ what: `error ${String(data.code)}`, frame });
    else this.event(frame);
  }

  private welcome(data: Record<string, unknown>): void {
    const isRecovered = data.recovered === true;
    this.moveTo({ type: isRecovered ? "recovered" : "not recovered", data }, data.cursor);
    const heartbeatMs = Number(data.heartbeatMs);
    this.timers.push(setInterval(() => this.beat(heartbeatMs), heartbeatMs / 3));
    this.refreshBefore(Date.parse(String(data.expiresAt)) - Date.parse(String(data.timestamp)));
  }

  /** Section 5. */
  private event(frame: Frame): void {
    const isRepeat = frame.cursor !== undefined && this.takenIds.has(frame.id ?? "");
    if (!isRepeat) this.told.push({ what: String(frame.data.Body ?? frame.type), frame });
    if (frame.cursor === undefined) return;
    this.takenIds.add(frame.id ?? "");
    const [oldest] = this.takenIds;
    if (this.takenIds.size > remembered && oldest !== undefined) this.takenIds.delete(oldest);
    this.cursor = frame.cursor;
  }

  private moveTo(frame: Frame, cursor: unknown): void {
    if (typeof cursor === "string") this.cursor = cursor;
    this.told.push({ what: frame.type, frame });
  }

  /** Section 8. */
  private beat(heartbeatMs: number): void {
    this.send({ type: "ping", data: {} });
    const askedAt = Date.now();
    const look = () => {
      if (this.heardAt < askedAt) this.cut();
    };
    this.timers.push(setTimeout(look, (heartbeatMs * 2) / 3));
  }

  /** Section 9. */
  private async refresh(): Promise<void> {
    const answer = await this.options.askTicket().catch(() => undefined);
    this.tickets += 1;
    if (!answer?.body) return;
    const { ticket } = answer.body;
    this.send({ type: "refresh", data: { ticket } });
    const claims = JSON.parse(Buffer.from(ticket.split(".")[1] ?? "", "base64url").toString()) as { ate: number };
    this.refreshBefore(claims.ate * 1_000 - Date.now());
  }

  private refreshBefore(leftMs: number): void {
    this.timers.push(setTimeout(() => void this.refresh(), Math.max(0, leftMs - refreshBeforeMs)));
  }

  /** Section 7. */
  private comeBack(code: number): void {
    this.forget();
    if (this.end !== "running") return;
    if (code === 4403) this.finish("stopped");
    else this.later(this.delay());
  }

  /** The gateway said when: no further delay. */
  private move(): void {
    const old = this.ws;
    this.ws = undefined;
    this.forget();
    old?.close(1000);
    void this.connect();
  }

  private delay(): number {
    const ceiling = Math.min(longestDelayMs, firstDelayMs * 2 ** this.attempt);
    this.attempt += 1;
    return Math.random() * ceiling;
  }

  private later(delayMs: number): void {
    this.timers.push(setTimeout(() => void this.connect(), delayMs));
  }

  private finish(end: "signed out" | "stopped"): void {
    this.end = end;
    this.forget();
  }

  private forget(): void {
    for (const timer of this.timers.splice(0)) clearTimeout(timer);
  }
}
