import type { TypingState } from "@syszap/contracts";
import type { Engine } from "../engines/contract/engine.ts";

/** WhatsApp shows a typing state for longer than this, so repeating it earlier has no effect. */
const repeatAfterMs = 3_000;
const maxChats = 1_000;
const maxCallsPerSecond = 20;

interface ChatState {
  shown: TypingState;
  shownAtMs: number;
  /** The newest state requested while a call for this chat was in progress. */
  next: TypingState | undefined;
  isBusy: boolean;
}

/**
 * Shows agents' typing to WhatsApp. States are never queued: one call at a time per chat, the newest state wins, and calls above
 * the rate limit are dropped.
 */
export class ShownTyping {
  private readonly chats = new Map<string, ChatState>();
  private second = { startMs: 0, calls: 0 };

  /** Resolves when the chat shows the newest requested state, or when another call for the chat is in progress. */
  async show(engine: Engine, waChatId: string, state: TypingState): Promise<void> {
    const chat = this.chats.get(waChatId) ?? this.open(waChatId);
    chat.next = state;
    if (chat.isBusy) return;
    chat.isBusy = true;
    try {
      for (let next = takeNext(chat); next !== undefined; next = takeNext(chat)) {
        await this.send(engine, waChatId, chat, next);
      }
    } finally {
      chat.isBusy = false;
    }
  }

  private async send(engine: Engine, waChatId: string, chat: ChatState, state: TypingState): Promise<void> {
    const nowMs = performance.now();
    const isUnchanged = state === chat.shown && (state === "paused" || nowMs - chat.shownAtMs < repeatAfterMs);
    if (isUnchanged || !this.takeFromRate(nowMs)) return;
    chat.shown = state;
    chat.shownAtMs = nowMs;
    await engine.setTyping(waChatId, state);
  }

  private open(waChatId: string): ChatState {
    if (this.chats.size >= maxChats) this.chats.clear();
    const chat: ChatState = { shown: "paused", shownAtMs: 0, next: undefined, isBusy: false };
    this.chats.set(waChatId, chat);
    return chat;
  }

  private takeFromRate(nowMs: number): boolean {
    if (nowMs - this.second.startMs >= 1_000) this.second = { startMs: nowMs, calls: 0 };
    this.second.calls += 1;
    return this.second.calls <= maxCallsPerSecond;
  }
}

function takeNext(chat: ChatState): TypingState | undefined {
  const { next } = chat;
  chat.next = undefined;
  return next;
}
