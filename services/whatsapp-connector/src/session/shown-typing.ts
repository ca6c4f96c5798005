import type { TypingState } from "@syszap/contracts";
import type { Engine } from "../engines/contract/engine.ts";

/** WhatsApp shows it for longer than that, so saying it again sooner changes nothing. */
const repeatAfterMs = 3_000;
const mostChats = 1_000;
const mostPerSecond = 20;

interface Shown {
  state: TypingState;
  atMs: number;
  /** What came while the engine was busy with this chat: only the newest counts. */
  next: TypingState | undefined;
  isBusy: boolean;
}

/** What WhatsApp shows of our people's typing. Never queued: one call at a time per chat, the newest state wins, and what is over the rate is left out. */
export class ShownTyping {
  private readonly chats = new Map<string, Shown>();
  private second = { startMs: 0, calls: 0 };

  /** Resolves when the chat shows the newest state that was asked for, or is busy showing another. */
  async show(engine: Engine, waChatId: string, state: TypingState): Promise<void> {
    const shown = this.chats.get(waChatId) ?? this.open(waChatId);
    shown.next = state;
    if (shown.isBusy) return;
    shown.isBusy = true;
    try {
      for (let next = take(shown); next !== undefined; next = take(shown))
        await this.tell(engine, waChatId, shown, next);
    } finally {
      shown.isBusy = false;
    }
  }

  private async tell(engine: Engine, waChatId: string, shown: Shown, state: TypingState): Promise<void> {
    const nowMs = performance.now();
    if (state === shown.state && (state === "paused" || nowMs - shown.atMs < repeatAfterMs)) return;
    if (!this.mayTell(nowMs)) return;
    shown.state = state;
    shown.atMs = nowMs;
    await engine.setTyping(waChatId, state);
  }

  private open(waChatId: string): Shown {
    if (this.chats.size >= mostChats) this.chats.clear();
    const shown: Shown = { state: "paused", atMs: 0, next: undefined, isBusy: false };
    this.chats.set(waChatId, shown);
    return shown;
  }

  private mayTell(nowMs: number): boolean {
    if (nowMs - this.second.startMs >= 1_000) this.second = { startMs: nowMs, calls: 0 };
    this.second.calls += 1;
    return this.second.calls <= mostPerSecond;
  }
}

function take(shown: Shown): TypingState | undefined {
  const { next } = shown;
  shown.next = undefined;
  return next;
}
