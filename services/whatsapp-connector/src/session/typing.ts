import { type Chat, type TypingState, wholeCompany } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import type { Engine } from "../engines/contract/engine.ts";
import type { Lease } from "../lease.ts";
import { ShownTyping } from "./shown-typing.ts";

/** Whoever types says so again well within this time. */
const endsAfterMs = 10_000;
const mostChats = 5_000;

type Author = { from: "client" } | { from: "colleague"; userId: string };

/** Passes on who types in a session's chats, both ways. What nobody ended ends by itself. */
export class Typing {
  private readonly chatIds = new Map<string, string>();
  private readonly ends = new Map<string, NodeJS.Timeout>();
  private readonly shown = new ShownTyping();

  constructor(
    private readonly lease: Lease,
    private readonly given: { database: Database; publisher: Publisher; log: Logger; endsAfterMs?: number },
  ) {}

  /** A client types. Chats that are not stored yet have nobody who looks at them. */
  async fromClient(waChatId: string, state: TypingState): Promise<void> {
    const chatId = await this.chatIdOf(waChatId);
    if (chatId === undefined) return;
    await this.publish(chatId, state, { from: "client" });
    this.endLater(`client ${waChatId}`, state, () => this.publish(chatId, "paused", { from: "client" }));
  }

  /** An agent types: WhatsApp shows it to the client, the bus to colleagues. `chat` is one of this session. */
  async fromAgent(
    engine: Engine | undefined,
    chat: Chat,
    typing: { state: TypingState; userId: string },
  ): Promise<void> {
    const tell = async (state: TypingState) => {
      await this.publish(chat.id, state, { from: "colleague", userId: typing.userId });
      // One who stopped does not end what another one is writing.
      if (state === "paused" && this.isWrittenByAnother(chat.id, typing.userId)) return;
      if (engine && this.lease.mayAct) await this.shown.show(engine, chat.waChatId, state);
    };
    this.endLater(`${typing.userId} ${chat.id}`, typing.state, () => tell("paused"));
    await tell(typing.state);
  }

  close(): void {
    for (const timer of this.ends.values()) clearTimeout(timer);
    this.ends.clear();
  }

  private async chatIdOf(waChatId: string): Promise<string | undefined> {
    const known = this.chatIds.get(waChatId);
    if (known !== undefined) return known;
    const { companyId, sessionId } = this.lease;
    const chat = await this.given.database.withCompany(companyId, (unit) =>
      unit.chats.findByWaChatId(sessionId, waChatId),
    );
    if (!chat) return undefined;
    if (this.chatIds.size >= mostChats) this.chatIds.clear();
    this.chatIds.set(waChatId, chat.id);
    return chat.id;
  }

  private isWrittenByAnother(chatId: string, userId: string): boolean {
    return [...this.ends.keys()].some((key) => key.endsWith(` ${chatId}`) && !key.startsWith(userId));
  }

  private endLater(key: string, state: TypingState, end: () => Promise<void>): void {
    clearTimeout(this.ends.get(key));
    this.ends.delete(key);
    if (state === "paused") return;
    const timer = setTimeout(() => {
      this.ends.delete(key);
      end().catch((err: unknown) => this.given.log.debug({ err }, "end of typing not passed on"));
    }, this.given.endsAfterMs ?? endsAfterMs);
    this.ends.set(key, timer);
  }

  private async publish(chatId: string, state: TypingState, author: Author): Promise<void> {
    const { companyId, sessionId, generation } = this.lease;
    const data = {
      Chat_Id: chatId,
      State: state,
      From: author.from,
      ...(author.from === "colleague" && { User_Id: author.userId }),
      timestamp: new Date().toISOString(),
    };
    await this.given.publisher.publishEphemeral(
      companyId,
      { type: "typing", audience: wholeCompany, data },
      { expiresInMs: this.given.endsAfterMs ?? endsAfterMs, fence: { sessionId, generation } },
    );
  }
}
