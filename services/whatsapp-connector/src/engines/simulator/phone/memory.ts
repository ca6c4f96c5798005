import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { EngineFact } from "../../contract/engine.ts";
import type { ConversationState } from "../script/conversation.ts";

/** What WhatsApp and the phone still know after our process ended. */
interface Remembered {
  isPaired: boolean;
  phoneNumber: string;
  conversation: ConversationState | null;
  facts: EngineFact[];
  /** Keys of our messages that WhatsApp accepted, oldest first. */
  accepted: string[];
  /** How often a person's picture changed. */
  pictures: Record<string, number>;
  names: Record<string, string>;
  /** Numbers; absent in the memory of an older phone. */
  blocked?: string[];
}

const mostFacts = 2_000;
const saveDelayMs = 100;
/** A phone with a long memory that is written to all the time does not spend more than this part of its time on saving it. */
const mostOfItsTime = 0.02;

/** A phone's memory in a small file of its profile, always whole on disk; a kill loses at most the last moment. */
export class PhoneMemory {
  private writing: Promise<void> = Promise.resolve();
  private timer: NodeJS.Timeout | undefined;
  private lastSaveMs = 0;

  private constructor(
    private readonly path: string,
    readonly remembered: Remembered,
  ) {}

  static async load(profileDirectory: string, sessionId: string): Promise<PhoneMemory> {
    await mkdir(profileDirectory, { recursive: true });
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
    if (facts.length > mostFacts) facts.splice(0, facts.length - mostFacts);
    this.changed();
  }

  hasAccepted(waKey: string): boolean {
    return this.remembered.accepted.includes(waKey);
  }

  addAccepted(waKey: string): void {
    const { accepted } = this.remembered;
    accepted.push(waKey);
    if (accepted.length > mostFacts) accepted.splice(0, accepted.length - mostFacts);
    this.changed();
  }

  /** Call after changing `remembered`. */
  changed(): void {
    const delayMs = Math.max(saveDelayMs, this.lastSaveMs / mostOfItsTime);
    this.timer ??= setTimeout(() => void this.save().catch(() => undefined), delayMs);
  }

  /** Resolves once all that is remembered is on disk. */
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
