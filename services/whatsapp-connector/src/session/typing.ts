import type { Chat, TypingState } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger } from "@syszap/platform";
import type { Engine } from "../engines/contract/engine.ts";
import type { Lease } from "../lease.ts";
import { ShownTyping } from "./shown-typing.ts";

/** A client that keeps typing repeats the state well within this time. */
const endsAfterMs = 10_000;
const maxChats = 5_000;

type Author = { from: "client" } | { from: "colleague"; userId: string };

/** Forwards typing states of a session's chats in both directions. A state that is not ended expires. */
export class Typing {
  private readonly chatIds = new Map<string, string>();
  private readonly ends = new Map<string, NodeJS.Timeout>();
  private readonly shown = new ShownTyping();

  constructor(
    private readonly lease: Lease,
    private readonly dependencies: { database: Database; publisher: Publisher; log: Logger; endsAfterMs?: number },
  ) {}

  /** Publishes that a client types. Ignored when the chat is not stored yet. */
  async fromClient(waChatId: string, state: TypingState): Promise<void> {
    const chatId = await this.chatIdOf(waChatId);
    if (chatId === undefined) return;
    await this.publish(chatId, state, { from: "client" });
    this.expireLater(`client ${waChatId}`, state, () => this.publish(chatId, "paused", { from: "client" }));
  }

  /** Shows an agent's typing to the client through WhatsApp and to colleagues through the bus. `chat` belongs to this session. */
  async fromAgent(
    engine: Engine | undefined,
    chat: Chat,
    typing: { state: TypingState; userId: string },
  ): Promise<void> {
    const pass = async (state: TypingState) => {
      await this.publish(chat.id, state, { from: "colleague", userId: typing.userId });
      // An agent who stops does not end the state while another one types.
      if (state === "paused" && this.isTypedByAnother(chat.id, typing.userId)) return;
      if (engine && this.lease.mayAct) await this.shown.show(engine, chat.waChatId, state);
    };
    this.expireLater(`${typing.userId} ${chat.id}`, typing.state, () => pass("paused"));
    await pass(typing.state);
  }

  close(): void {
    for (const timer of this.ends.values()) clearTimeout(timer);
    this.ends.clear();
  }

  private async chatIdOf(waChatId: string): Promise<string | undefined> {
    const known = this.chatIds.get(waChatId);
    if (known !== undefined) return known;
    const { companyId, sessionId } = this.lease;
    const chat = await this.dependencies.database.withCompany(companyId, (unit) =>
      unit.chats.findByWaChatId(sessionId, waChatId),
    );
    if (!chat) return undefined;
    if (this.chatIds.size >= maxChats) this.chatIds.clear();
    this.chatIds.set(waChatId, chat.id);
    return chat.id;
  }

  private isTypedByAnother(chatId: string, userId: string): boolean {
    return [...this.ends.keys()].some((key) => key.endsWith(` ${chatId}`) && !key.startsWith(userId));
  }

  private expireLater(key: string, state: TypingState, end: () => Promise<void>): void {
    clearTimeout(this.ends.get(key));
    this.ends.delete(key);
    if (state === "paused") return;
    const timer = setTimeout(() => {
      this.ends.delete(key);
      end().catch((err: unknown) => this.dependencies.log.debug({ err }, "end of typing not published"));
    }, this.dependencies.endsAfterMs ?? endsAfterMs);
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
    const audience = await this.dependencies.database.withCompany(companyId, (unit) => unit.reach.ofSession(sessionId));
    await this.dependencies.publisher.publishEphemeral(
      companyId,
      { type: "typing", audience, data },
      { expiresInMs: this.dependencies.endsAfterMs ?? endsAfterMs, fence: { sessionId, generation } },
    );
  }
}
