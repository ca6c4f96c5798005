import { setTimeout as delay } from "node:timers/promises";
import { Consumer, ConsumerEvents } from "@syszap/contracts";
import { Random } from "@syszap/testing/oracle";
import type { z } from "zod";
import type { ConsumerEvent } from "../ledger/compare-events.ts";
import { type Company, RejectedError, request } from "./company.ts";

type Page = z.infer<typeof ConsumerEvents>;
type ReceivedEvent = ConsumerEvent & Page["events"][number];

const name = "erp";
const waitSeconds = 5;
const maxPageSize = 40;
const retryDelayMs = 250;
/** Keeps the program below the rate limit of an API key, and lets pages contain several events. */
const processingMs: [number, number] = [50, 400];
/** The program forgets a page that it has read, as if it had crashed before the acknowledgement. */
const crashProbability = 0.15;
/** The program does not wait for the answer to an acknowledgement. */
const unconfirmedProbability = 0.15;

const positionOf = (cursor: string) => Number(cursor.split(".")[1]);

/**
 * A program that reads and acknowledges all events of a company by REST, and repeats failed requests. It checks each answer:
 * pages begin at the acknowledged position, have no gaps, and repeat events unchanged.
 */
export class EventConsumer {
  /** One sentence per violation. */
  readonly faults: string[] = [];
  readonly counts = {
    "events consumed": 0,
    "events read again": 0,
    acknowledgements: 0,
    "consumer crashes": 0,
    "failed requests of the consumer": 0,
  };
  private readonly events = new Map<number, ReceivedEvent>();
  private readonly closing = new AbortController();
  private readonly random: Random;
  /** Newest position whose acknowledgement is known to be stored. */
  private acknowledged = 0;
  /** Positions whose acknowledgement was sent without receiving an answer. They may be stored at any time. */
  private unconfirmed: number[] = [];
  private running: Promise<void> = Promise.resolve();

  private constructor(
    private readonly url: string,
    private readonly secret: string,
    seed: number,
  ) {
    this.random = new Random(seed ^ 0xc0a5);
  }

  /** Creates the consumer before the company has any events, and starts reading. */
  static async start(company: Company, restUrl: string, seed: number): Promise<EventConsumer> {
    const secret = await company.createApiKey(name, ["read"]);
    const consumer = new EventConsumer(`${restUrl}/v1/consumers`, secret, seed);
    await consumer.create();
    consumer.running = consumer.run();
    return consumer;
  }

  /** The events in the order of their positions. */
  get received(): ReceivedEvent[] {
    return [...this.events.values()].sort((a, b) => a.position - b.position);
  }

  async stop(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      let pauseMs = this.random.between(...processingMs);
      try {
        await this.processPage();
      } catch (err) {
        if (err instanceof RejectedError) {
          this.faults.push(`consumer: ${err.message}`);
          return;
        }
        this.counts["failed requests of the consumer"] += 1;
        pauseMs = retryDelayMs;
      }
      await delay(pauseMs, undefined, { signal }).catch(() => undefined);
    }
  }

  private async processPage(): Promise<void> {
    const limit = this.random.between(1, maxPageSize);
    const path = `/${name}/events?limit=${limit}&waitSeconds=${waitSeconds}`;
    const acknowledgedBefore = this.acknowledged;
    const page = ConsumerEvents.parse(await this.call("GET", path));
    this.accept(page, acknowledgedBefore);
    if (this.random.chance(crashProbability)) {
      this.counts["consumer crashes"] += 1;
      await this.create();
      return;
    }
    const acknowledging = this.acknowledge(page.cursor);
    if (this.random.chance(unconfirmedProbability)) acknowledging.catch(() => undefined);
    else await acknowledging;
  }

  private accept({ from, cursor, events }: Page, acknowledgedBefore: number): void {
    const first = positionOf(from);
    this.confirm(first, "a page begins", acknowledgedBefore);
    for (const [index, event] of events.entries()) {
      const expected = first + index + 1;
      if (event.position !== expected) this.faults.push(`consumer: ${event.position} came instead of ${expected}`);
      this.keep(event);
    }
    if (positionOf(cursor) !== first + events.length)
      this.faults.push(`consumer: a page of ${events.length} events after ${from} ends at ${cursor}`);
  }

  private keep(event: ReceivedEvent): void {
    const known = this.events.get(event.position);
    if (known) {
      this.counts["events read again"] += 1;
      if (JSON.stringify(known) !== JSON.stringify(event))
        this.faults.push(`consumer: ${event.position} was ${known.type} ${known.id}, then ${event.type} ${event.id}`);
      return;
    }
    this.counts["events consumed"] += 1;
    this.events.set(event.position, event);
  }

  private async acknowledge(cursor: string): Promise<void> {
    const position = positionOf(cursor);
    this.unconfirmed.push(position);
    const acknowledgedBefore = this.acknowledged;
    const answer = Consumer.parse(await this.call("POST", `/${name}/ack`, { cursor }));
    const stored = positionOf(answer.cursor);
    this.counts.acknowledgements += 1;
    if (stored < position) this.faults.push(`consumer: ${position} was acknowledged, but ${stored} was stored`);
    this.confirm(stored, "an acknowledgement is stored", acknowledgedBefore);
  }

  /**
   * The API reports that all events up to `position` are acknowledged. `acknowledgedBefore` was known when the request was sent: the
   * answer to an acknowledgement may overtake that of an earlier request.
   */
  private confirm(position: number, what: string, acknowledgedBefore: number): void {
    if (position < acknowledgedBefore)
      this.faults.push(`consumer: ${what} at ${position} after ${acknowledgedBefore} was acknowledged`);
    else if (position > this.acknowledged && !this.unconfirmed.includes(position))
      this.faults.push(`consumer: ${what} at ${position}, which was never acknowledged (last: ${this.acknowledged})`);
    this.acknowledged = Math.max(this.acknowledged, position);
    this.unconfirmed = this.unconfirmed.filter((sent) => sent > this.acknowledged);
  }

  /** As a program does at each start. Must not move the cursor. */
  private async create(): Promise<void> {
    const acknowledgedBefore = this.acknowledged;
    const consumer = Consumer.parse(await this.call("POST", "", { name }));
    this.confirm(positionOf(consumer.cursor), "the created consumer is", acknowledgedBefore);
  }

  private call(method: string, path: string, body?: object): Promise<unknown> {
    return request(method, `${this.url}${path}`, { body, accessToken: this.secret });
  }
}
