import type { Message, MessageContent, QuotedMessage, SendMessageInput, UploadedFile } from "@syszap/contracts";
import { ApiError } from "../api/api-error.ts";
import { persist } from "../api/retry.ts";
import { Store } from "../lib/store.ts";

/** What a message has beside its text. */
export interface Enclosed {
  quoted?: QuotedMessage | undefined;
  /** Still to be uploaded. */
  file?: File | undefined;
  /** Of the server's files. */
  media?: SendMessageInput["media"];
  location?: MessageContent["location"];
}
/** A message that this page wants to send and that the server has not confirmed yet. */
export interface Outgoing extends Enclosed {
  /** The Idempotency-Key of every try. */
  key: string;
  chatId: string;
  body: string;
  createdAt: string;
  /** The part of the file that the server has, from 0 to 1. */
  progress: number;
  failure: ApiError | undefined;
  /** Its own event arrived before the answer did: shown from there. */
  isShownElsewhere: boolean;
}
interface OutgoingOptions {
  send: (chatId: string, request: SendMessageInput, key: string) => Promise<Message>;
  upload: (file: File, onProgress: (part: number) => void) => Promise<UploadedFile>;
  onSent: (message: Message) => void;
}

/** Sends one at a time in each chat, so that what was written first is sent first. */
export class OutgoingMessages {
  readonly store = new Store<readonly Outgoing[]>([]);
  private readonly options: OutgoingOptions;
  private readonly turns = new Map<string, Promise<void>>();

  constructor(options: OutgoingOptions) {
    this.options = options;
  }

  send(chatId: string, body: string, enclosed: Enclosed = {}): void {
    const key = crypto.randomUUID();
    const createdAt = new Date().toISOString();
    const state = { createdAt, progress: 0, failure: undefined, isShownElsewhere: false };
    this.store.update((all) => [...all, { ...enclosed, key, chatId, body, ...state }]);
    this.takeTurn(chatId, key);
  }

  /** With the same key: if the first try did reach the server, nothing is sent twice. */
  retry(key: string): void {
    this.change(key, { failure: undefined });
    const outgoing = this.find(key);
    if (outgoing) this.takeTurn(outgoing.chatId, key);
  }

  discard(key: string): void {
    this.store.update((all) => all.filter((each) => each.key !== key));
  }

  /** A message of the company appeared: most likely the oldest of these with the same text. */
  noticeOwn(chatId: string, body: string): void {
    const mayBe = (each: Outgoing) =>
      !each.failure && !each.isShownElsewhere && (!each.file || each.media !== undefined);
    const match = this.store.get().find((each) => each.chatId === chatId && each.body === body && mayBe(each));
    if (match) this.change(match.key, { isShownElsewhere: true });
  }

  clear(): void {
    this.store.set([]);
  }

  private find(key: string): Outgoing | undefined {
    return this.store.get().find((each) => each.key === key);
  }

  private change(key: string, change: Partial<Outgoing>): void {
    this.store.update((all) => all.map((each) => (each.key === key ? { ...each, ...change } : each)));
  }

  private takeTurn(chatId: string, key: string): void {
    const before = this.turns.get(chatId) ?? Promise.resolve();
    this.turns.set(
      chatId,
      before.then(() => this.deliver(key)),
    );
  }

  private async deliver(key: string): Promise<void> {
    const answer = await persist(() => this.attempt(key));
    if (answer instanceof ApiError) this.change(key, { failure: answer, isShownElsewhere: false });
    else {
      if (answer) this.options.onSent(answer);
      this.discard(key);
    }
  }

  /** Undefined when it was discarded meanwhile. A file that the server has is not uploaded again. */
  private async attempt(key: string): Promise<Message | undefined> {
    const outgoing = this.find(key);
    if (!outgoing) return undefined;
    if (outgoing.file && !outgoing.media) {
      const { id } = await this.options.upload(outgoing.file, (progress) => this.change(key, { progress }));
      this.change(key, { media: { id }, progress: 1 });
    }
    const ready = this.find(key);
    return ready && this.options.send(ready.chatId, requestOf(ready), key);
  }
}

function requestOf({ body, media, location, quoted }: Outgoing): SendMessageInput {
  const answer = quoted ? { replyTo: quoted.id } : {};
  if (location) return { location, ...answer };
  if (media) return { media, ...(body.trim() !== "" && { body }), ...answer };
  return { body, ...answer };
}
