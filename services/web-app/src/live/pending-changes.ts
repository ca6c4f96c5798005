import type { DataOf, Message, MessageChange, SendMessageInput } from "@syszap/contracts";
import { ApiError } from "../api/api-error.ts";
import { retryTransient } from "../api/retry.ts";
import { Store } from "../lib/store.ts";

/** An edit, deletion or reaction that this page requested and that WhatsApp has not confirmed yet. */
export interface PendingChange {
  /** The Idempotency-Key of every attempt. */
  key: string;
  chatId: string;
  messageId: string;
  change: MessageChange;
  /** The new text, or the emoji; an empty emoji removes the reaction. */
  body: string;
  /** Why it failed: the server's error, or WhatsApp's reason. */
  failure: ApiError | string | undefined;
}
type ChangeRequest = Pick<PendingChange, "chatId" | "messageId" | "change" | "body">;
type Send = (chatId: string, request: SendMessageInput, key: string) => Promise<Message>;

/** The kinds of `message_update` by the change that they confirm. */
const changeOf = { edited: "edit", revoked: "delete", reaction: "reaction" } as const;

/** Shows requested changes as pending until events report their outcome. Only events change the message itself. */
export class PendingChanges {
  readonly store = new Store<readonly PendingChange[]>([]);
  private readonly send: Send;

  constructor(send: Send) {
    this.send = send;
  }

  /** Replaces an earlier request of the same kind for the same message. */
  request(request: ChangeRequest): void {
    const pending: PendingChange = { ...request, key: crypto.randomUUID(), failure: undefined };
    const isReplaced = (each: PendingChange) => each.messageId === request.messageId && each.change === request.change;
    this.store.update((all) => [...all.filter((each) => !isReplaced(each)), pending]);
    void this.deliver(pending);
  }

  /** Uses the same key if the server has not accepted the request, and a new one if WhatsApp refused the change. */
  retry(pending: PendingChange): void {
    if (typeof pending.failure === "string") this.request(pending);
    else {
      this.update(pending.key, { failure: undefined });
      void this.deliver(pending);
    }
  }

  discard(key: string): void {
    this.store.update((all) => all.filter((each) => each.key !== key));
  }

  /** The message changed, so the requested change is done. */
  onMessageUpdate({ Id, Change }: DataOf<"message_update">): void {
    if (Change === "media" || Change === "vote" || Change === "location") return;
    const change = changeOf[Change];
    this.store.update((all) => {
      const rest = all.filter((each) => each.messageId !== Id || each.change !== change || each.failure !== undefined);
      return rest.length === all.length ? all : rest;
    });
  }

  /** The change failed, or it ended without changing anything. */
  onMessageStatus({ Changes, Status, Reason }: DataOf<"message_status">): void {
    if (!Changes || Status === "queued") return;
    const pending = this.store
      .get()
      .find(({ messageId, change }) => messageId === Changes.Message_Id && change === Changes.Change);
    if (!pending || pending.failure !== undefined) return;
    if (Status === "failed") this.update(pending.key, { failure: Reason ?? "" });
    else this.discard(pending.key);
  }

  clear(): void {
    this.store.set([]);
  }

  private update(key: string, change: Partial<PendingChange>): void {
    this.store.update((all) => all.map((each) => (each.key === key ? { ...each, ...change } : each)));
  }

  private async deliver({ key, chatId, ...pending }: PendingChange): Promise<void> {
    const answer = await retryTransient(() => this.send(chatId, requestOf(pending), key));
    if (answer instanceof ApiError) this.update(key, { failure: answer });
    // A repeated request may have ended before this answer, and its events with it.
    else if (answer.status === "failed") this.update(key, { failure: answer.failureReason ?? "" });
    else if (answer.status !== "queued") this.discard(key);
  }
}

function requestOf({ messageId, change, body }: Omit<PendingChange, "key" | "chatId">): SendMessageInput {
  if (change === "edit") return { edit: { messageId, body } };
  return change === "delete" ? { delete: { messageId } } : { reaction: { messageId, emoji: body } };
}
