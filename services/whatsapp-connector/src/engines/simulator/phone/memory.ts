import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type GroupRole, isGroupChat } from "@syszap/contracts";
import { createPrivateDirectory } from "@syszap/platform";
import type { EngineFact } from "../../contract/engine.ts";
import type { ConversationState } from "../script/conversation.ts";

export interface SimulatedGroup {
  subject: string;
  /** Only admins may write. */
  onlyAdmins: boolean;
  pictureChanges: number;
  /** The phone is among them while it is a member. */
  participants: { number: string; role: GroupRole }[];
}

/** State that survives the end of the process. */
interface Remembered {
  isPaired: boolean;
  phoneNumber: string;
  conversation: ConversationState | null;
  facts: EngineFact[];
  /** Keys of the outbound operations that WhatsApp accepted, oldest first. */
  accepted: string[];
  /** Number of picture changes, by phone number. */
  pictures: Record<string, number>;
  /** Names of contacts, by phone number. */
  names: Record<string, string>;
  /** Blocked phone numbers. Absent in files of earlier versions. */
  blocked?: string[];
  /** By the id of the chat. Absent in files of earlier versions. */
  groups?: Record<string, SimulatedGroup>;
}

const maxFacts = 2_000;
const maxContacts = 10_000;
const saveDelayMs = 100;
/** Upper bound of the share of time spent on serializing the state. */
const maxSaveShare = 0.02;

/**
 * State of a simulated phone, saved in a file of its profile. The file is replaced atomically; a killed process loses at most
 * the changes since the last save.
 */
export class PhoneMemory {
  private writing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private lastSaveMs = 0;

  private constructor(
    private readonly path: string,
    readonly remembered: Remembered,
  ) {}

  static async load(profileDirectory: string, sessionId: string): Promise<PhoneMemory> {
    await createPrivateDirectory(profileDirectory);
    const path = join(profileDirectory, "simulated-phone.json");
    const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    return new PhoneMemory(path, text === null ? unpaired(sessionId) : (JSON.parse(text) as Remembered));
  }

  addFact(fact: EngineFact): void {
    const { facts } = this.remembered;
    facts.push(fact);
    if (facts.length > maxFacts) facts.splice(0, facts.length - maxFacts);
    this.changed();
  }

  /** The group of a message; undefined for other messages, and for those that the engine sent. */
  groupOf(waKey: string): string | undefined {
    const message = this.remembered.facts.find((fact) => fact.kind === "message" && fact.waKey === waKey);
    return message?.kind === "message" && isGroupChat(message.waChatId) ? message.waChatId : undefined;
  }

  hasAccepted(waKey: string): boolean {
    return this.remembered.accepted.includes(waKey);
  }

  addAccepted(waKey: string): void {
    const { accepted } = this.remembered;
    accepted.push(waKey);
    if (accepted.length > maxFacts) accepted.splice(0, accepted.length - maxFacts);
    this.changed();
  }

  rename(number: string, name: string): void {
    setBounded(this.remembered.names, number, name);
    this.changed();
  }

  countPictureChange(number: string): void {
    const { pictures } = this.remembered;
    setBounded(pictures, number, (pictures[number] ?? 0) + 1);
    this.changed();
  }

  block(number: string): void {
    this.remembered.blocked = [...(this.remembered.blocked ?? []), number].slice(-maxContacts);
    this.changed();
  }

  /** Schedules a save. Call it after changing `remembered`. */
  changed(): void {
    const delayMs = Math.max(saveDelayMs, this.lastSaveMs / maxSaveShare);
    this.timer ??= setTimeout(() => void this.save().catch(() => undefined), delayMs);
  }

  /** Resolves when the current state is on disk. */
  async save(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    const startedAt = performance.now();
    const text = JSON.stringify(this.remembered);
    this.lastSaveMs = performance.now() - startedAt;
    this.writing = this.writing
      .catch(() => undefined)
      .then(async () => {
        await writeFile(`${this.path}.new`, text);
        await rename(`${this.path}.new`, this.path);
      });
    await this.writing;
  }
}

/** Removes the entry that was added first when the record is full. */
function setBounded<Value>(record: Record<string, Value>, number: string, value: Value): void {
  if (!(number in record)) {
    const numbers = Object.keys(record);
    const [oldest] = numbers;
    if (oldest !== undefined && numbers.length >= maxContacts) delete record[oldest];
  }
  record[number] = value;
}

function unpaired(sessionId: string): Remembered {
  const digits = BigInt(`0x${createHash("sha256").update(sessionId).digest("hex").slice(0, 12)}`) % 90_000_000n;
  return {
    isPaired: false,
    phoneNumber: `55119${10_000_000n + digits}`,
    conversation: null,
    facts: [],
    accepted: [],
    pictures: {},
    names: {},
  };
}
