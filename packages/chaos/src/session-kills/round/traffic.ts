import { setTimeout as delay } from "node:timers/promises";
import { Random } from "@syszap/testing/oracle";
import type { Phone } from "@syszap/whatsapp-web-stand-in";
import type { Company } from "../environment/company.ts";
import { chatName, type EventRecorder } from "../environment/event-recorder.ts";

/** A session, its linked phone and its customers. */
export interface LinkedSession {
  sessionId: string;
  phone: Phone;
  customers: readonly string[];
  /** Time at which WhatsApp had each message, by its key. */
  deliveredAt: Map<string, number>;
}

interface WrittenMessage {
  linked: LinkedSession;
  key: string;
}

/** Actions with their relative frequency. */
const actions = {
  customerWrites: 40,
  customerSendsPhoto: 8,
  agentAnswers: 24,
  ownerWrites: 12,
  senderEdits: 6,
  senderDeletes: 2,
  customerReacts: 4,
  customerReads: 4,
  agentReads: 2,
};
const maxBurst = 3;
const pauseMs: [number, number] = [80, 320];

/** Generates messages in both directions at a constant rate, independent of the state of the product. */
export class Traffic {
  private readonly random: Random;
  private readonly closing = new AbortController();
  private readonly texts: WrittenMessage[] = [];
  private readonly requests = new Set<Promise<void>>();
  private written = 0;
  private running: Promise<void> = Promise.resolve();
  readonly faults: string[] = [];

  constructor(
    private readonly seed: number,
    private readonly linkedSessions: readonly LinkedSession[],
    private readonly parts: { company: Company; events: EventRecorder },
  ) {
    this.random = new Random(seed ^ 0x5eed);
  }

  start(): void {
    this.running = this.run();
  }

  /** Resolves when all started actions have ended. */
  async stop(): Promise<void> {
    this.closing.abort();
    await this.running;
    await Promise.all(this.requests);
  }

  /** Sends one more message from each customer. */
  writeFromAllCustomers(): void {
    for (const linked of this.linkedSessions) for (const customer of linked.customers) this.receive(linked, customer);
  }

  /** Marks all sent messages as read by the customers. */
  readEverything(): void {
    for (const { phone, customers } of this.linkedSessions) for (const customer of customers) phone.readBy(customer);
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      const linked = this.random.pick(this.linkedSessions);
      this.perform(this.random.weighted(actions), linked, this.random.pick(linked.customers));
      await delay(this.random.between(...pauseMs), undefined, { signal }).catch(() => undefined);
    }
  }

  private perform(action: keyof typeof actions, linked: LinkedSession, customer: string): void {
    switch (action) {
      case "customerWrites":
        for (let left = this.random.between(1, maxBurst); left > 0; left--) this.receive(linked, customer);
        break;
      case "customerSendsPhoto": {
        const body = this.text("photo");
        const bytes = Buffer.from(body.repeat(this.random.between(1, 2_000)));
        const media = { bytes, mimeType: "image/jpeg" };
        this.delivered(linked, linked.phone.receive({ from: customer, name: nameOf(customer), body, media }));
        break;
      }
      case "agentAnswers":
        this.asAgent(linked, customer, (chatId) => this.parts.company.answer(chatId, this.text("answer")));
        break;
      case "ownerWrites":
        this.texts.push({
          linked,
          key: this.delivered(linked, linked.phone.write({ to: customer, body: this.text("own") })),
        });
        break;
      case "senderEdits": {
        const known = this.texts[this.random.between(0, this.texts.length - 1)];
        known?.linked.phone.edit(known.key, this.text("edited"));
        break;
      }
      case "senderDeletes": {
        const [known] = this.texts.splice(this.random.between(0, this.texts.length - 1), 1);
        known?.linked.phone.revoke(known.key);
        break;
      }
      case "customerReacts": {
        const known = this.texts.at(-1);
        known?.linked.phone.react(known.key, "👍");
        break;
      }
      case "customerReads":
        linked.phone.readBy(customer);
        break;
      case "agentReads":
        this.asAgent(linked, customer, (chatId) => this.parts.company.markRead(chatId));
    }
  }

  private receive(linked: LinkedSession, from: string): void {
    const body = this.text("message");
    this.texts.push({ linked, key: this.delivered(linked, linked.phone.receive({ from, name: nameOf(from), body })) });
  }

  /** Agents act only in chats that have been published. */
  private asAgent(linked: LinkedSession, customer: string, action: (chatId: string) => Promise<void>): void {
    const chatId = this.parts.events.chats.get(chatName(linked.sessionId, customer));
    if (chatId === undefined) return;
    const done = action(chatId)
      .catch((err: unknown) => {
        this.faults.push(`the API rejected an agent's request: ${err instanceof Error ? err.message : String(err)}`);
      })
      .finally(() => this.requests.delete(done));
    this.requests.add(done);
  }

  private delivered(linked: LinkedSession, key: string): string {
    linked.deliveredAt.set(key, Date.now());
    return key;
  }

  /** Every text is unique, so that duplicates are detected even under another key. */
  private text(kind: string): string {
    this.written += 1;
    return `${kind} ${this.seed}-${this.written}`;
  }
}

const nameOf = (customer: string) => `Cliente ${customer.slice(-4)}`;
