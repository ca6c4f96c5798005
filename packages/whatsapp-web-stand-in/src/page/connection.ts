import type { FromPage, ToPage } from "../protocol/protocol.ts";

const initialDelayMs = 200;
const maxDelayMs = 2_000;

/** Frames that are passed on to the page. Replies are handled by the connection. */
export type ServerFrame = Exclude<ToPage, { kind: "reply" }>;

interface Hooks {
  opened(): void;
  lost(): void;
  frame(frame: ServerFrame): void;
}

/**
 * The page's connection to the server. It reconnects with backoff. Frames that are sent while it is closed are dropped; callers queue
 * frames that must not be lost.
 */
export class Connection {
  private socket: WebSocket | undefined;
  private delayMs = initialDelayMs;
  private requestId = 0;
  private readonly waiting = new Map<number, (value: unknown) => void>();

  constructor(private readonly hooks: Hooks) {}

  open(): void {
    const socket = new WebSocket(`wss://${location.host}/ws/stand-in`);
    this.socket = socket;
    socket.onopen = () => {
      this.delayMs = initialDelayMs;
      this.hooks.opened();
    };
    socket.onmessage = (event) => this.handle(JSON.parse(String(event.data)) as ToPage);
    socket.onclose = () => {
      this.hooks.lost();
      setTimeout(() => this.open(), this.delayMs);
      this.delayMs = Math.min(maxDelayMs, this.delayMs * 2);
    };
  }

  get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }

  send(frame: FromPage): void {
    if (this.isOpen) this.socket?.send(JSON.stringify(frame));
  }

  request(kind: "exists" | "picture" | "link_code", wid: string): Promise<unknown> {
    const requestId = ++this.requestId;
    return new Promise((resolve) => {
      this.waiting.set(requestId, resolve);
      this.send({ kind, requestId, wid });
    });
  }

  private handle(frame: ToPage): void {
    if (frame.kind !== "reply") {
      this.hooks.frame(frame);
      return;
    }
    this.waiting.get(frame.requestId)?.(frame.value);
    this.waiting.delete(frame.requestId);
  }
}
