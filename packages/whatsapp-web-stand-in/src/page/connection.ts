import type { FromPage, ToPage } from "../protocol.ts";

const firstDelayMs = 200;
const longestDelayMs = 2_000;

/** Answers to questions are taken here; all else goes on to the page. */
export type Told = Exclude<ToPage, { kind: "reply" }>;

interface Hooks {
  opened(): void;
  lost(): void;
  frame(frame: Told): void;
}

/** The page's link to the server: comes back by itself; frames of a lost link are dropped, what must not be is queued by the caller. */
export class Connection {
  private socket: WebSocket | undefined;
  private delayMs = firstDelayMs;
  private question = 0;
  private readonly waiting = new Map<number, (value: unknown) => void>();

  constructor(private readonly hooks: Hooks) {}

  open(): void {
    const socket = new WebSocket(`wss://${location.host}/ws/stand-in`);
    this.socket = socket;
    socket.onopen = () => {
      this.delayMs = firstDelayMs;
      this.hooks.opened();
    };
    socket.onmessage = (event) => this.take(JSON.parse(String(event.data)) as ToPage);
    socket.onclose = () => {
      this.hooks.lost();
      setTimeout(() => this.open(), this.delayMs);
      this.delayMs = Math.min(longestDelayMs, this.delayMs * 2);
    };
  }
  get isOpen(): boolean {
    return this.socket?.readyState === WebSocket.OPEN;
  }
  tell(frame: FromPage): void {
    if (this.isOpen) this.socket?.send(JSON.stringify(frame));
  }
  ask(kind: "exists" | "picture" | "link_code", wid: string): Promise<unknown> {
    const question = ++this.question;
    return new Promise((resolve) => {
      this.waiting.set(question, resolve);
      this.tell({ kind, question, wid });
    });
  }
  private take(frame: ToPage): void {
    if (frame.kind !== "reply") {
      this.hooks.frame(frame);
      return;
    }
    this.waiting.get(frame.question)?.(frame.value);
    this.waiting.delete(frame.question);
  }
}
