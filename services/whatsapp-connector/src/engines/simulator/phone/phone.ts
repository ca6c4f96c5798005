import { randomBytes } from "node:crypto";
import {
  type Direction,
  direction,
  type MessageContent,
  type MessageKind,
  type MessageStatus,
  type TypingState,
} from "@syszap/contracts";
import type { EngineFact, EngineListener, EngineMedia } from "../../contract/engine.ts";
import { type FileKind, handleOf, typeOfFile } from "./files.ts";
import type { PhoneMemory } from "./memory.ts";

/** What a customer writes, as a test or the conversation orders it. */
export interface CustomerMessage {
  from: string;
  /** Their name from now on. */
  name?: string | undefined;
  body: string;
  imageSeed?: string | undefined;
  /** Invented from what stands behind its kind. */
  file?: { kind: FileKind; seed: string; name?: string | undefined } | undefined;
  content?: MessageContent | undefined;
  /** Of a kind that nobody knows. */
  vendorKind?: string | undefined;
  /** From before the link. */
  isHistory?: boolean | undefined;
}
export interface Emitted {
  waKey: string;
  emittedAtMs: number;
}

const mostWaiting = 2_000;
const newKey = () => `3EB0${randomBytes(9).toString("hex").toUpperCase()}`;
const chatIdOf = (number: string) => `${number}@c.us`;
export const numberOf = (waChatId: string) => waChatId.split("@", 1)[0] ?? "";

/** WhatsApp's side of a linked phone: what happens while the link is down waits for it and comes after. */
export class Phone {
  private isOnline = false;
  private filesToLose = 0;
  private waiting: EngineFact[] = [];

  constructor(
    private readonly memory: PhoneMemory,
    private readonly listener: EngineListener,
  ) {}

  online(): void {
    this.isOnline = true;
    const missed = this.waiting;
    this.waiting = [];
    for (const fact of missed) this.listener.fact(fact);
  }

  offline(): void {
    this.isOnline = false;
  }

  message(message: CustomerMessage): Emitted {
    const { names } = this.memory.remembered;
    if (message.name !== undefined) names[message.from] = message.name;
    const waKey = newKey();
    const emittedAtMs = Date.now();
    this.emit({
      kind: "message",
      waKey,
      waChatId: chatIdOf(message.from),
      direction: direction.in,
      type: kindOf(message),
      ...(message.vendorKind !== undefined && { vendorKind: message.vendorKind }),
      body: message.body,
      client: { number: message.from, name: names[message.from] ?? null },
      ...(message.content && { content: message.content }),
      ...mediaOf(message),
      timestampMs: emittedAtMs,
      isHistory: message.isHistory ?? false,
    });
    if (message.vendorKind !== undefined) {
      const shape = `type ${message.vendorKind}`;
      this.listener.unknownPayload({ kind: "message", shape, waKey, raw: JSON.stringify(message) });
    }
    return { waKey, emittedAtMs };
  }

  /** So many of the next downloads break. */
  loseFiles(count: number): void {
    this.filesToLose = count;
  }

  losesFile(): boolean {
    if (this.filesToLose === 0) return false;
    this.filesToLose -= 1;
    return true;
  }

  /** The owner answers on the phone itself. */
  write({ to, body, timestampMs }: { to: string; body: string; timestampMs?: number | undefined }): Emitted {
    const waKey = newKey();
    const emittedAtMs = timestampMs ?? Date.now();
    this.emit({
      ...{ kind: "message", waKey, waChatId: chatIdOf(to), direction: direction.out, type: "text", body },
      ...{ client: { number: to, name: null }, status: "sent", timestampMs: emittedAtMs, isHistory: false },
    });
    return { waKey, emittedAtMs };
  }

  block(number: string): void {
    const { remembered } = this.memory;
    remembered.blocked = [...(remembered.blocked ?? []), number];
    this.memory.changed();
  }

  /** Seen with the next message, as in WhatsApp. */
  rename(number: string, name: string): void {
    this.memory.remembered.names[number] = name;
    this.memory.changed();
  }

  changePicture(number: string): void {
    const { pictures } = this.memory.remembered;
    pictures[number] = (pictures[number] ?? 0) + 1;
    this.emit({ kind: "contact", number, pictureChanged: true, timestampMs: Date.now() });
  }

  typing(number: string, state: TypingState): void {
    if (this.isOnline) this.listener.typing({ waChatId: chatIdOf(number), state });
  }

  receipt(waKey: string, status: Exclude<MessageStatus, "queued">): Emitted {
    return this.tell(waKey, { kind: "ack", waKey, direction: direction.out, status, timestampMs: Date.now() });
  }

  edit(waKey: string, body: string): Emitted {
    const editKey = newKey();
    const timestampMs = Date.now();
    return this.tell(waKey, { kind: "edit", waKey, direction: this.directionOf(waKey), editKey, body, timestampMs });
  }

  revoke(waKey: string): Emitted {
    return this.tell(waKey, { kind: "revoke", waKey, direction: this.directionOf(waKey), timestampMs: Date.now() });
  }

  /** An empty emoji takes the reaction back. */
  react(waKey: string, emoji: string): Emitted {
    const about = { waKey, direction: this.directionOf(waKey) };
    return this.tell(waKey, { kind: "reaction", ...about, from: "client", emoji, timestampMs: Date.now() });
  }

  private directionOf(waKey: string): Direction {
    return this.memory.hasAccepted(waKey) ? direction.out : direction.in;
  }

  private tell(waKey: string, fact: EngineFact): Emitted {
    this.emit(fact);
    return { waKey, emittedAtMs: fact.timestampMs };
  }

  private emit(fact: EngineFact): void {
    this.memory.addFact(fact);
    if (this.isOnline) {
      this.listener.fact(fact);
      return;
    }
    this.waiting.push(fact);
    if (this.waiting.length > mostWaiting) this.waiting.shift();
  }
}

function kindOf({ vendorKind, imageSeed, file, content }: CustomerMessage): MessageKind {
  if (vendorKind !== undefined) return "unknown";
  if (file) return file.kind;
  if (imageSeed !== undefined) return "image";
  if (content?.location) return "location";
  if (content?.contacts) return "contact";
  if (content?.poll) return "poll";
  return content?.call ? "system" : "text";
}

function mediaOf({ imageSeed, file }: CustomerMessage): { media?: EngineMedia } {
  if (file) return { media: { handle: handleOf(file), mimeType: typeOfFile[file.kind], fileName: file.name ?? null } };
  if (imageSeed === undefined) return {};
  return { media: { handle: handleOf({ kind: "image", seed: imageSeed }), mimeType: "image/png", fileName: null } };
}
