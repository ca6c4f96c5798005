import { type Customer, customers, renamed } from "./customers.ts";
import { answers, dialogues, type Line } from "./dialogues.ts";
import { Random } from "./random.ts";

/** One message of a customer. */
export interface Step {
  customer: Customer;
  body: string;
  file?: { kind: "image"; seed: string };
  /** Time since the previous message, as a multiple of the mean. */
  pause: number;
  typingMs: number;
}

/** Serializable state, with which a restarted phone continues its conversations. */
export interface ConversationState {
  random: number;
  threads: { number: string; dialogue: number; line: number }[];
  names: Record<string, string>;
}

const maxThreads = 5;
const minThreads = 2;
const startChance = 0.3;
const renameChance = 0.02;
const answerChance = 0.6;

/** Generates what customers write. It depends only on the seed, not on the clock or on what agents do. */
export class Conversation {
  private readonly random: Random;
  private readonly state: Omit<ConversationState, "random">;

  constructor(
    private readonly seed: string,
    state?: ConversationState,
  ) {
    this.random = state ? Random.resume(state.random) : Random.from(seed);
    this.state = { threads: structuredClone(state?.threads ?? []), names: { ...state?.names } };
  }

  snapshot(): ConversationState {
    return { random: this.random.snapshot, ...structuredClone(this.state) };
  }

  next(): Step {
    const { threads } = this.state;
    if (threads.length < minThreads || (threads.length < maxThreads && this.random.chance(startChance))) this.open();
    const thread = this.random.pick(threads);
    const lines = dialogues[thread.dialogue] ?? [];
    const line = lines[thread.line] ?? "Oi";
    thread.line += 1;
    if (thread.line >= lines.length) threads.splice(threads.indexOf(thread), 1);
    if (this.random.chance(renameChance)) this.rename(thread.number);
    return this.step(thread.number, line, this.random);
  }

  /** Returns the customer's answer to an agent's message, if any. Uses a separate random sequence, so that agents do not change the conversation. */
  answer(number: string, count: number): Step | undefined {
    if (!customers.some((customer) => customer.number === number)) return undefined;
    const random = Random.from(`${this.seed}|${number}|${count}`);
    return random.chance(answerChance) ? this.step(number, random.pick(answers), random) : undefined;
  }

  private open(): void {
    const busy = new Set(this.state.threads.map((thread) => thread.number));
    const { number } = this.random.pick(customers.filter((customer) => !busy.has(customer.number)));
    this.state.threads.push({ number, dialogue: this.random.below(dialogues.length), line: 0 });
  }

  private rename(number: string): void {
    const original = customers.find((customer) => customer.number === number)?.name ?? number;
    this.state.names[number] = renamed(original, this.random.below(100));
  }

  private step(number: string, line: Line, random: Random): Step {
    const name = this.state.names[number] ?? customers.find((customer) => customer.number === number)?.name ?? number;
    const body = fill(typeof line === "string" ? line : line.caption, random);
    return {
      customer: { number, name },
      body,
      ...(typeof line !== "string" && { file: { kind: "image", seed: `${number}-${random.below(1_000_000)}` } }),
      pause: Math.min(-Math.log(1 - random.next()), 3),
      typingMs: Math.min(300 + body.length * 25, 3_000),
    };
  }
}

const days = ["hoje", "amanhã", "na segunda", "na terça", "na quinta", "no sábado"];
function fill(text: string, random: Random): string {
  return text.replaceAll(/\{(pedido|hora|dia|valor)\}/g, (_, name: string) => {
    if (name === "pedido") return `#${10_000 + random.below(90_000)}`;
    if (name === "hora") return `${8 + random.below(11)}h${random.pick(["", "15", "30", "45"])}`;
    if (name === "dia") return random.pick(days);
    return `R$ ${10 + random.below(490)},${random.pick(["00", "50", "90", "99"])}`;
  });
}
