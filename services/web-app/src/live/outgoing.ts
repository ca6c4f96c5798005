import type {
  Message,
  MessageContent,
  QuotedMessage,
  SendMessageInput,
  SentFileKind,
  UploadedFile,
} from "@syszap/contracts";
import { ApiError } from "../api/api-error.ts";
import { retryTransient } from "../api/retry.ts";
import type { UploadOptions } from "../api/send-file.ts";
import { Store } from "../lib/store.ts";

/** What a message consists of besides its text. */
export interface MessageExtras {
  quoted?: QuotedMessage | undefined;
  /** Uploaded before the message is sent. */
  file?: File | undefined;
  /** The kind as which `file` is sent, if it is not the default of its type. */
  as?: SentFileKind | undefined;
  /** A file that the server already has. */
  media?: SendMessageInput["media"];
  content?: Pick<MessageContent, "location" | "contacts" | "poll">;
  /** The message whose content is sent. */
  forward?: SendMessageInput["forward"];
}
/** A message that this page sends and that the server has not confirmed yet. */
export interface Outgoing extends MessageExtras {
  /** The Idempotency-Key of every attempt. */
  key: string;
  chatId: string;
  body: string;
  createdAt: string;
  /** The uploaded part of the file, from 0 to 1. */
  progress: number;
  failure: ApiError | undefined;
  /** Written so long ago that only the user decides whether it is still sent. */
  waitsForUser?: boolean;
  /** The message's event arrived before the answer to the request: the conversation shows the message already. */
  isInConversation: boolean;
}
interface OutgoingOptions {
  send: (chatId: string, request: SendMessageInput, key: string) => Promise<Message>;
  upload: (file: File, options: UploadOptions) => Promise<UploadedFile>;
  onSent: (message: Message) => void;
}

/** Sends the messages of each chat one at a time, in the order in which they were written. */
export class OutgoingMessages {
  readonly store = new Store<readonly Outgoing[]>([]);
  private readonly options: OutgoingOptions;
  /** The last delivery of each chat that is sending. */
  private readonly lastDeliveries = new Map<string, Promise<void>>();
  /** Ends the upload in progress of a message. */
  private readonly uploads = new Map<string, AbortController>();

  constructor(options: OutgoingOptions) {
    this.options = options;
  }

  /** Chats with a delivery in progress. */
  get sendingChats(): number {
    return this.lastDeliveries.size;
  }

  send(chatId: string, body: string, extras: MessageExtras = {}): void {
    const key = crypto.randomUUID();
    const createdAt = new Date().toISOString();
    const state = { createdAt, progress: 0, failure: undefined, isInConversation: false };
    this.store.update((all) => [...all, { ...extras, key, chatId, body, ...state }]);
    this.enqueue(chatId, key);
  }

  /** Continues with messages of an earlier page. Those that have failed wait for the user. */
  restore(messages: readonly Outgoing[]): void {
    this.store.update((all) => [...all, ...messages]);
    for (const { chatId, key, failure } of messages) if (!failure) this.enqueue(chatId, key);
  }

  /** Uses the same key: if the first attempt did reach the server, nothing is sent twice. */
  retry(key: string): void {
    this.update(key, { failure: undefined, waitsForUser: false });
    const outgoing = this.find(key);
    if (outgoing) this.enqueue(outgoing.chatId, key);
  }

  /** Sends the messages again that failed because the server could not be reached. Called when it can be reached again. */
  retryUnreachable(): void {
    for (const { key, failure, waitsForUser } of this.store.get())
      if (failure?.status === 0 && !waitsForUser) this.retry(key);
  }

  /** Removes a message that is not sent yet, and ends its upload. */
  discard(key: string): void {
    this.uploads.get(key)?.abort();
    this.store.update((all) => all.filter((each) => each.key !== key));
  }

  /** A message of this user arrived by event. It is assumed to be the oldest of these with the same text. */
  onOwnMessage(chatId: string, body: string): void {
    const isCandidate = (each: Outgoing) =>
      !each.failure && !each.isInConversation && (!each.file || each.media !== undefined);
    const match = this.store.get().find((each) => each.chatId === chatId && each.body === body && isCandidate(each));
    if (match) this.update(match.key, { isInConversation: true });
  }

  clear(): void {
    for (const upload of this.uploads.values()) upload.abort();
    this.store.set([]);
  }

  private find(key: string): Outgoing | undefined {
    return this.store.get().find((each) => each.key === key);
  }

  private update(key: string, change: Partial<Outgoing>): void {
    this.store.update((all) => all.map((each) => (each.key === key ? { ...each, ...change } : each)));
  }

  /** Delivers after the chat's earlier messages. The entry of a chat is removed with its last delivery. */
  private enqueue(chatId: string, key: string): void {
    const earlier = this.lastDeliveries.get(chatId) ?? Promise.resolve();
    const delivery = earlier
      .then(() => this.deliver(key))
      .finally(() => {
        if (this.lastDeliveries.get(chatId) === delivery) this.lastDeliveries.delete(chatId);
      });
    this.lastDeliveries.set(chatId, delivery);
  }

  private async deliver(key: string): Promise<void> {
    const answer = await retryTransient(() => this.attempt(key));
    if (answer instanceof ApiError) this.update(key, { failure: answer, isInConversation: false });
    else {
      if (answer) this.options.onSent(answer);
      this.discard(key);
    }
  }

  /** Undefined if the message was discarded. A file is uploaded once, however many attempts the message takes. */
  private async attempt(key: string): Promise<Message | undefined> {
    const outgoing = this.find(key);
    if (!outgoing) return undefined;
    if (outgoing.file && !outgoing.media) {
      const { id } = await this.upload(key, outgoing.file);
      this.update(key, { media: { id, ...(outgoing.as && { as: outgoing.as }) }, progress: 1 });
    }
    const ready = this.find(key);
    return ready && this.options.send(ready.chatId, requestOf(ready), key);
  }

  private async upload(key: string, file: File): Promise<UploadedFile> {
    const abort = new AbortController();
    this.uploads.set(key, abort);
    try {
      const onProgress = (progress: number) => this.update(key, { progress });
      return await this.options.upload(file, { onProgress, signal: abort.signal });
    } finally {
      this.uploads.delete(key);
    }
  }
}

function requestOf({ body, media, content = {}, forward, quoted }: Outgoing): SendMessageInput {
  if (forward) return { forward };
  const reply = quoted?.id ? { replyTo: quoted.id } : {};
  const { location, contacts, poll } = content;
  if (location) return { location, ...reply };
  if (contacts) return { contacts, ...reply };
  if (poll) return { poll, ...reply };
  if (media) return { media, ...(body.trim() !== "" && { body }), ...reply };
  return { body, ...reply };
}
