import { setTimeout as delay } from "node:timers/promises";
import { Random } from "@syszap/testing/oracle";
import type { Phone } from "@syszap/whatsapp-web-stand-in";
import type { Company } from "./company.ts";
import { chatName, type Recorder } from "./recorder.ts";

/** A linked phone, and those who talk with it. */
export interface Line {
  sessionId: string;
  phone: Phone;
  customers: readonly string[];
  /** Of each message by its key: when WhatsApp had it. */
  deliveredAt: Map<string, number>;
}
interface Written {
  line: Line;
  key: string;
}

const acts = {
  customerWrites: 40,
  customerSendsPhoto: 8,
  agentAnswers: 24,
  ownerWrites: 12,
  somebodyEdits: 6,
  somebodyDeletes: 2,
  customerReacts: 4,
  customerReads: 4,
  agentReads: 2,
};
const mostAtOnce = 3;
const between: [number, number] = [80, 320];

/** Messages in both directions, all the time, whether or not anybody is there to hear them. */
export class Traffic {
  private readonly random: Random;
  private readonly closing = new AbortController();
  private readonly texts: Written[] = [];
  private readonly asked = new Set<Promise<void>>();
  private written = 0;
  private running: Promise<void> = Promise.resolve();
  readonly faults: string[] = [];

  constructor(
    private readonly seed: number,
    private readonly lines: readonly Line[],
    private readonly people: { company: Company; heard: Recorder },
  ) {
    this.random = new Random(seed ^ 0x5eed);
  }

  start(): void {
    this.running = this.run();
  }

  /** Resolves when nobody writes any more. */
  async stop(): Promise<void> {
    this.closing.abort();
    await this.running;
    await Promise.all(this.asked);
  }

  /** One more from each customer. */
  everybodyWrites(): void {
    for (const line of this.lines) for (const customer of line.customers) this.receive(line, customer);
  }

  /** Everybody reads what was written to them. */
  everybodyReads(): void {
    for (const { phone, customers } of this.lines) for (const customer of customers) phone.readBy(customer);
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      const line = this.random.pick(this.lines);
      this.act(this.random.weighted(acts), line, this.random.pick(line.customers));
      await delay(this.random.between(...between), undefined, { signal }).catch(() => undefined);
    }
  }

  private act(act: keyof typeof acts, line: Line, customer: string): void {
    switch (act) {
      case "customerWrites":
        for (let left = this.random.between(1, mostAtOnce); left > 0; left--) this.receive(line, customer);
        break;
      case "customerSendsPhoto": {
        const body = this.text("photo");
        const bytes = Buffer.from(body.repeat(this.random.between(1, 2_000)));
        const media = { bytes, mimeType: "image/jpeg" };
        this.delivered(line, line.phone.receive({ from: customer, name: nameOf(customer), body, media }));
        break;
      }
      case "agentAnswers":
        this.asAgent(line, customer, (chatId) => this.people.company.answer(chatId, this.text("answer")));
        break;
      case "ownerWrites":
        this.texts.push({
          line,
          key: this.delivered(line, line.phone.write({ to: customer, body: this.text("own") })),
        });
        break;
      case "somebodyEdits": {
        const known = this.texts[this.random.between(0, this.texts.length - 1)];
        known?.line.phone.edit(known.key, this.text("edited"));
        break;
      }
      case "somebodyDeletes": {
        const [known] = this.texts.splice(this.random.between(0, this.texts.length - 1), 1);
        known?.line.phone.revoke(known.key);
        break;
      }
      case "customerReacts": {
        const known = this.texts.at(-1);
        known?.line.phone.react(known.key, "👍");
        break;
      }
      case "customerReads":
        line.phone.readBy(customer);
        break;
      case "agentReads":
        this.asAgent(line, customer, (chatId) => this.people.company.markRead(chatId));
    }
  }

  private receive(line: Line, from: string): void {
    const body = this.text("message");
    this.texts.push({ line, key: this.delivered(line, line.phone.receive({ from, name: nameOf(from), body })) });
  }

  /** Nobody answers in a chat that no page knows yet. */
  private asAgent(line: Line, customer: string, act: (chatId: string) => Promise<void>): void {
    const chatId = this.people.heard.chats.get(chatName(line.sessionId, customer));
    if (chatId === undefined) return;
    const done = act(chatId)
      .catch((err: unknown) => {
        this.faults.push(`the API refused an agent: ${err instanceof Error ? err.message : String(err)}`);
      })
      .finally(() => this.asked.delete(done));
    this.asked.add(done);
  }

  private delivered(line: Line, key: string): string {
    line.deliveredAt.set(key, Date.now());
    return key;
  }

  /** No two are alike: what is stored twice is seen whatever it is called. */
  private text(what: string): string {
    this.written += 1;
    return `${what} ${this.seed}-${this.written}`;
  }
}

const nameOf = (customer: string) => `Cliente ${customer.slice(-4)}`;
