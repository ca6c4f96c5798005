import { randomBytes } from "node:crypto";
import {
  type Direction,
  direction,
  isGroupChat,
  type MessageContent,
  type MessageContext,
  type MessageKind,
  type MessageStatus,
  type QuotedOriginal,
  type TypingState,
} from "@syszap/contracts";
import type { EngineFact, EngineListener, EngineMedia } from "../../contract/engine.ts";
import { noteText } from "../../contract/note-text.ts";
import { type FileKind, handleOf, mimeTypeOf } from "./files.ts";
import { type GroupChange, type NewGroup, SimulatedGroups } from "./groups.ts";
import type { PhoneMemory } from "./memory.ts";

/** A message from a customer. */
export interface CustomerMessage {
  from: string;
  /** Id of the group in which the customer writes. */
  group?: string | undefined;
  /** The customer's name from this message on. */
  name?: string | undefined;
  /** WhatsApp's user name, without @. */
  username?: string | undefined;
  body: string;
  /** A generated file: the same seed gives the same bytes. */
  file?: { kind: FileKind; seed: string; name?: string | undefined } | undefined;
  content?: MessageContent | undefined;
  context?: MessageContext | undefined;
  quoted?: QuotedOriginal | undefined;
  /** Makes it a message of a type that the product does not know. */
  vendorKind?: string | undefined;
  /** The message was written before the phone was linked. */
  isHistory?: boolean | undefined;
}

/** A message that the owner writes on the phone. */
export interface WrittenMessage extends Pick<CustomerMessage, "body" | "content" | "context" | "quoted"> {
  /** A number, or the id of a group. */
  to: string;
  timestampMs?: number | undefined;
}

export interface Emitted {
  waKey: string;
  emittedAtMs: number;
}

/** A fact about a message. */
type MessageChange = Exclude<EngineFact, { kind: "message" | "contact" | "group" | "read" }>;

const maxWaiting = 2_000;
const newKey = () => `3EB0${randomBytes(9).toString("hex").toUpperCase()}`;
const chatIdOf = (number: string) => (isGroupChat(number) ? number : `${number}@c.us`);
/** The number of the contact; of a group, its id. */
export const numberOf = (waChatId: string) => (isGroupChat(waChatId) ? waChatId : (waChatId.split("@", 1)[0] ?? ""));

/** WhatsApp's side of a linked phone. Facts that occur while the connection is down are emitted when it is restored. */
export class Phone {
  readonly groups: SimulatedGroups;
  private isOnline = false;
  private filesToLose = 0;
  private waiting: EngineFact[] = [];
  /** Keys of messages that the owner wrote on the phone. */
  private readonly written = new Set<string>();

  constructor(
    private readonly memory: PhoneMemory,
    private readonly listener: EngineListener,
  ) {
    this.groups = new SimulatedGroups(memory);
  }

  online(): void {
    this.isOnline = true;
    const missed = this.waiting;
    this.waiting = [];
    for (const fact of this.groups.complete(missed)) this.listener.fact(fact);
  }

  offline(): void {
    this.isOnline = false;
  }

  message(message: CustomerMessage): Emitted {
    if (message.name !== undefined) this.memory.rename(message.from, message.name);
    const waKey = newKey();
    const emittedAtMs = Date.now();
    this.emit({
      kind: "message",
      waKey,
      waChatId: chatIdOf(message.group ?? message.from),
      direction: direction.in,
      type: kindOf(message),
      ...(message.vendorKind !== undefined && { vendorKind: message.vendorKind }),
      body: message.body,
      ...this.writerOf(message),
      ...partsOf(message),
      ...(!message.context?.isViewOnce && mediaOf(message)),
      timestampMs: emittedAtMs,
      isHistory: message.isHistory ?? false,
    });
    if (message.vendorKind !== undefined) {
      const shape = `type ${message.vendorKind}`;
      this.listener.unknownPayload({ kind: "message", shape, waKey, raw: JSON.stringify(message) });
    }
    return { waKey, emittedAtMs };
  }

  /** Makes the next `count` downloads fail. */
  loseFiles(count: number): void {
    this.filesToLose = count;
  }

  /** Whether the current download fails. */
  losesFile(): boolean {
    if (this.filesToLose === 0) return false;
    this.filesToLose -= 1;
    return true;
  }

  /** The owner of the phone writes a message on the phone itself. */
  write({ to, body, timestampMs, ...rest }: WrittenMessage): Emitted {
    const waKey = newKey();
    const emittedAtMs = timestampMs ?? Date.now();
    this.written.add(waKey);
    this.emit({
      kind: "message",
      waKey,
      waChatId: chatIdOf(to),
      direction: direction.out,
      type: kindOf(rest),
      body,
      ...partsOf(rest),
      ...(!isGroupChat(to) && { client: { number: to, name: null } }),
      status: "sent",
      timestampMs: emittedAtMs,
      isHistory: false,
    });
    return { waKey, emittedAtMs };
  }

  /** A customer creates a group with this phone. Returns the id of the group. */
  createGroup(group: NewGroup): string {
    const id = this.groups.create(group);
    this.changeGroup(id, { event: "group_created", by: group.owner, text: group.subject });
    return id;
  }

  changeGroup(group: string, change: GroupChange): Emitted {
    const note = this.groups.change(group, change);
    const waKey = newKey();
    const emittedAtMs = Date.now();
    this.emit({
      kind: "message",
      ...{ waKey, waChatId: group, direction: direction.in, type: "system" },
      ...{ body: noteText(note), content: { note }, timestampMs: emittedAtMs, isHistory: false },
    });
    return { waKey, emittedAtMs };
  }

  block(number: string): void {
    this.memory.block(number);
  }

  /** As in WhatsApp, the new name appears with the next message. */
  rename(number: string, name: string): void {
    this.memory.rename(number, name);
  }

  changePicture(number: string): void {
    this.memory.countPictureChange(number);
    this.emit({ kind: "contact", number, pictureChanged: true, timestampMs: Date.now() });
  }

  /** The owner reads the chat on the phone. */
  read(number: string): void {
    this.emit({ kind: "read", waChatId: chatIdOf(number), timestampMs: Date.now() });
  }

  typing(number: string, state: TypingState): void {
    if (this.isOnline) this.listener.typing({ waChatId: chatIdOf(number), state });
  }

  receipt(waKey: string, status: Exclude<MessageStatus, "queued">): Emitted {
    return this.emitChange(waKey, { kind: "ack", waKey, direction: direction.out, status, timestampMs: Date.now() });
  }

  edit(waKey: string, body: string): Emitted {
    const editKey = newKey();
    const timestampMs = Date.now();
    return this.emitChange(waKey, {
      kind: "edit",
      waKey,
      direction: this.directionOf(waKey),
      editKey,
      body,
      timestampMs,
    });
  }

  revoke(waKey: string): Emitted {
    return this.emitChange(waKey, {
      kind: "revoke",
      waKey,
      direction: this.directionOf(waKey),
      timestampMs: Date.now(),
    });
  }

  /** An empty emoji removes the reaction. `by`: number of the participant of a group. */
  react(waKey: string, emoji: string, by?: string): Emitted {
    const message = { waKey, direction: this.directionOf(waKey), ...this.senderOf(by) };
    return this.emitChange(waKey, { kind: "reaction", ...message, from: "client", emoji, timestampMs: Date.now() });
  }

  /** The client, or this participant of a group, votes in the poll. No options withdraw the vote. */
  vote(waKey: string, options: string[], by?: string): Emitted {
    const poll = { waKey, direction: this.directionOf(waKey), ...this.senderOf(by) };
    return this.emitChange(waKey, { kind: "vote", ...poll, from: "client", options, timestampMs: Date.now() });
  }

  /** The client moves while it shares its location, or stops sharing it. */
  move(waKey: string, position: { latitude: number; longitude: number; hasEnded?: boolean | undefined }): Emitted {
    const { latitude, longitude, hasEnded = false } = position;
    const location = { waKey, direction: this.directionOf(waKey) };
    return this.emitChange(waKey, {
      kind: "location",
      ...location,
      latitude,
      longitude,
      hasEnded,
      timestampMs: Date.now(),
    });
  }

  private senderOf(number: string | undefined) {
    return number === undefined ? {} : { sender: { number, name: this.memory.remembered.names[number] ?? null } };
  }

  /** The client, or the participant of a group. */
  private writerOf({ group, from, username, context }: CustomerMessage) {
    const named = { ...(username !== undefined && { username }), name: this.memory.remembered.names[from] ?? null };
    if (group === undefined) return { client: { number: from, ...named } };
    const { phoneNumber } = this.memory.remembered;
    const isMention = context?.mentions?.some(({ number }) => number === phoneNumber);
    return { sender: { number: from, ...named }, ...(isMention && { mentionsUs: true }) };
  }

  private directionOf(waKey: string): Direction {
    return this.memory.hasAccepted(waKey) || this.written.has(waKey) ? direction.out : direction.in;
  }

  private emitChange(waKey: string, fact: MessageChange): Emitted {
    const waChatId = this.memory.groupOf(waKey);
    this.emit(waChatId === undefined ? fact : { ...fact, waChatId });
    return { waKey, emittedAtMs: fact.timestampMs };
  }

  private emit(fact: EngineFact): void {
    this.memory.addFact(fact);
    if (this.isOnline) {
      for (const each of this.groups.complete([fact])) this.listener.fact(each);
      return;
    }
    this.waiting.push(fact);
    if (this.waiting.length > maxWaiting) this.waiting.shift();
  }
}

const partsOf = ({ content, context, quoted }: Pick<CustomerMessage, "content" | "context" | "quoted">) => ({
  ...(content && { content }),
  ...(context && { context }),
  ...(quoted && { quoted }),
});

function kindOf({ vendorKind, file, content }: Pick<CustomerMessage, "vendorKind" | "file" | "content">): MessageKind {
  if (vendorKind !== undefined) return "unknown";
  if (file) return file.kind;
  if (content?.location) return "location";
  if (content?.contacts) return "contact";
  if (content?.poll) return "poll";
  return content?.call || content?.note ? "system" : "text";
}

function mediaOf({ file }: CustomerMessage): { media?: EngineMedia } {
  if (!file) return {};
  return { media: { handle: handleOf(file), mimeType: mimeTypeOf(file.kind), fileName: file.name ?? null } };
}
