import type { DataOf, Message, MessageChange, SendMessageInput } from "@syszap/contracts";
import { ApiError } from "../api/api-error.ts";
import { persist } from "../api/retry.ts";
import { Store } from "../lib/store.ts";

/** Something that this page asked to be done to a message, and that WhatsApp has not done yet. */
export interface MessageOrder {
  key: string;
  chatId: string;
  messageId: string;
  change: MessageChange;
  /** The new text, or the emoji. */
  body: string;
  /** Why it was not done: the server's refusal, or WhatsApp's reason. */
  failure: ApiError | string | undefined;
}
type Asked = Pick<MessageOrder, "chatId" | "messageId" | "change" | "body">;
type Send = (chatId: string, request: SendMessageInput, key: string) => Promise<Message>;

const changeOf = { edited: "edit", revoked: "delete", reaction: "reaction" } as const;

/** What is asked here is shown as asked until events tell what became of it; the message itself changes with those alone. */
export class MessageOrders {
  readonly store = new Store<readonly MessageOrder[]>([]);
  private readonly send: Send;

  constructor(send: Send) {
    this.send = send;
  }

  /** Takes the place of an earlier one of its kind for the same message. */
  ask(asked: Asked): void {
    const order: MessageOrder = { ...asked, key: crypto.randomUUID(), failure: undefined };
    const isReplaced = (each: MessageOrder) => each.messageId === asked.messageId && each.change === asked.change;
    this.store.update((all) => [...all.filter((each) => !isReplaced(each)), order]);
    void this.deliver(order);
  }

  /** With the same key while the server has not taken it; what WhatsApp refused is asked anew. */
  retry(order: MessageOrder): void {
    if (typeof order.failure === "string") this.ask(order);
    else {
      this.change(order.key, { failure: undefined });
      void this.deliver(order);
    }
  }

  discard(key: string): void {
    this.store.update((all) => all.filter((each) => each.key !== key));
  }

  /** The message changed: what was asked of it is done. */
  updated({ Id, Change }: DataOf<"message_update">): void {
    if (Change === "media") return;
    const change = changeOf[Change];
    this.store.update((all) => {
      const rest = all.filter((each) => each.messageId !== Id || each.change !== change || each.failure !== undefined);
      return rest.length === all.length ? all : rest;
    });
  }

  /** An order ended without changing anything, or failed. */
  ended({ Changes, Status, Reason }: DataOf<"message_status">): void {
    if (!Changes || Status === "queued") return;
    const order = this.store
      .get()
      .find(({ messageId, change }) => messageId === Changes.Message_Id && change === Changes.Change);
    if (!order || order.failure !== undefined) return;
    if (Status === "failed") this.change(order.key, { failure: Reason ?? "" });
    else this.discard(order.key);
  }

  clear(): void {
    this.store.set([]);
  }

  private change(key: string, change: Partial<MessageOrder>): void {
    this.store.update((all) => all.map((each) => (each.key === key ? { ...each, ...change } : each)));
  }

  private async deliver({ key, chatId, ...order }: MessageOrder): Promise<void> {
    const answer = await persist(() => this.send(chatId, requestOf(order), key));
    if (answer instanceof ApiError) this.change(key, { failure: answer });
    // A repeated order may have ended before this answer came, and its events with it.
    else if (answer.status === "failed") this.change(key, { failure: answer.failureReason ?? "" });
    else if (answer.status !== "queued") this.discard(key);
  }
}

function requestOf({ messageId, change, body }: Omit<MessageOrder, "key" | "chatId">): SendMessageInput {
  if (change === "edit") return { edit: { messageId, body } };
  return change === "delete" ? { delete: { messageId } } : { reaction: { messageId, emoji: body } };
}
