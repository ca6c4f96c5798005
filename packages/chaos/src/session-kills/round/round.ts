import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Company } from "../environment/company.ts";
import { Connectors } from "../environment/connectors.ts";
import { EventConsumer } from "../environment/event-consumer.ts";
import { EventRecorder, readRedisLog } from "../environment/event-recorder.ts";
import type { TestEnvironment } from "../environment/test-environment.ts";
import type { InjectedFault } from "../faults/inject.ts";
import { type FaultKind, planFaults } from "../faults/plan.ts";
import { compareEvents, countNewMessages } from "../ledger/compare-events.ts";
import { compareMessages } from "../ledger/compare-messages.ts";
import { whatsAppMessagesOf } from "../ledger/read-messages.ts";
import { FaultInjector } from "./fault-injector.ts";
import { findLeftovers } from "./leftovers.ts";
import type { Recovery } from "./recovery.ts";
import type { RoundParts } from "./round-parts.ts";
import { type LinkedSession, Traffic } from "./traffic.ts";

export interface RoundOptions {
  seed: number;
  kills: number;
  phones: number;
  log(line: string): void;
  /** Injects other faults instead of the kills. */
  injectFaults?(parts: RoundParts): Promise<void>;
}

export interface RoundResult {
  violations: string[];
  hits: Partial<Record<FaultKind, number>>;
  recoveries: Recovery[];
  counts: Record<string, number>;
  /** Counters of the consumer. */
  consumer: Record<string, number>;
}

const reports = fileURLToPath(new URL("../../../../../.reports/session-kills", import.meta.url));
const pollIntervalMs = 200;
/** Facts that precede their message are retried for about a minute. */
const settleDeadlineMs = 240_000;

/** One seed: links the phones of a company, exchanges messages, injects faults and compares all records at the end. */
export class Round {
  private readonly linkedSessions: LinkedSession[] = [];
  private readonly injector: FaultInjector;
  private readonly faults: string[] = [];
  private recoveries: Recovery[] = [];

  private constructor(
    private readonly environment: TestEnvironment,
    private readonly options: RoundOptions,
    private readonly parts: RoundParts,
  ) {
    this.injector = new FaultInjector(environment, parts, this.linkedSessions);
  }

  static async open(environment: TestEnvironment, options: RoundOptions): Promise<Round> {
    const folder = join(environment.folder, String(options.seed));
    const paths = {
      profiles: join(folder, "profiles"),
      // Short because it contains Unix sockets, whose paths are limited.
      temporary: join(folder, "t"),
      home: join(folder, "home"),
      logs: join(folder, "logs"),
      media: join(environment.folder, "media"),
    };
    const { standIn, restApi, database } = environment;
    const connectors = new Connectors(paths, {
      ...environment.connectorEnvironment,
      WHATSAPP_WEB_STAND_IN: standIn.address,
    });
    const company = await Company.open(database, restApi.current.url);
    const events = await EventRecorder.open(environment.redisUrl, company.id);
    const consumer = await EventConsumer.start(company, restApi.current.url, options.seed);
    return new Round(environment, options, { company, events, consumer, connectors, paths });
  }

  async run(): Promise<RoundResult> {
    const { options, parts } = this;
    const { company, events } = parts;
    try {
      await parts.connectors.start();
      await this.link();
      const traffic = new Traffic(options.seed, this.linkedSessions, { company, events });
      traffic.start();
      await options.injectFaults?.(parts);
      for (const planned of planFaults(options.seed, options.kills, options.phones))
        for (const fault of await this.injector.inject(planned)) this.logFault(fault);
      await parts.connectors.untilAllRunning();
      await this.injector.untilAllConnected();
      await traffic.stop();
      this.faults.push(...traffic.faults);
      this.faults.push(...(await this.settle(traffic)));
      this.recoveries = this.injector.recoveries(await this.firstPublished());
    } catch (err) {
      this.faults.push(err instanceof Error ? err.message : String(err));
    }
    this.faults.push(...(await this.end()));
    return this.result();
  }

  private async link(): Promise<void> {
    const { company, events } = this.parts;
    const { standIn } = this.environment;
    const { seed, phones } = this.options;
    for (let index = 0; index < phones; index++) {
      const session = await company.createSession(`Loja ${index + 1}`);
      const phone = standIn.phone(`55119${8_000_000 + seed * 10 + index}0`, `Loja ${index + 1}`);
      const customers = Array.from({ length: 4 }, (_, at) => `55118${7_000_000 + seed * 10 + at}${index}`);
      this.linkedSessions.push({ sessionId: session.id, phone, customers, deliveredAt: new Map() });
    }
    events.onQrCode(({ sessionId, raw }) => {
      const linked = this.linkedSessions.find((one) => one.sessionId === sessionId);
      // A code that was replaced meanwhile is invalid; the next one follows.
      if (linked && raw !== undefined && standIn.codes.includes(raw)) standIn.scan(raw, linked.phone);
    });
    for (const { sessionId } of this.linkedSessions) await company.connect(sessionId);
    await this.injector.untilAllConnected();
  }

  private logFault({ kind, sessions }: InjectedFault): void {
    const { seed, kills, log } = this.options;
    const phones = sessions.map((session) => session + 1).join(", ");
    log(
      `  seed ${seed}: ${kind} of phone ${phones} (${this.injector.kills} of ${kills} killed, ${this.messages} messages so far)`,
    );
  }

  /** Number of messages in WhatsApp. */
  private get messages(): number {
    return this.linkedSessions.reduce((sum, { phone }) => sum + phone.account.messages.length, 0);
  }

  /** Waits until all records agree and nothing is pending; repeats this after a last message in each chat. */
  private async settle(traffic: Traffic): Promise<string[]> {
    traffic.readEverything();
    const first = await this.untilRecordsAgree();
    if (first.length > 0) return first;
    traffic.writeFromAllCustomers();
    return this.untilRecordsAgree();
  }

  private async untilRecordsAgree(): Promise<string[]> {
    const { company } = this.parts;
    for (const startedAt = Date.now(); ; await delay(pollIntervalMs)) {
      const isIdle = await this.isIdle();
      const differences = await this.differences();
      if (isIdle && differences.length === 0) return [];
      if (Date.now() - startedAt < settleDeadlineMs) continue;
      const letters = await this.environment.records.deadLetters(company.id);
      return [...differences, ...letters, ...(isIdle ? [] : [`still busy after ${settleDeadlineMs / 1_000} s`])];
    }
  }

  private async differences(): Promise<string[]> {
    const { company, events, consumer } = this.parts;
    const phones = new Map(this.linkedSessions.map(({ sessionId, phone }) => [sessionId, phone.number]));
    const stored = await this.environment.records.messages(company.id, phones);
    const inWhatsApp = this.linkedSessions.flatMap(({ phone }) => whatsAppMessagesOf(phone));
    const inRedis = await readRedisLog(this.environment.redisUrl, company.id);
    // The recorder misses events while Redis is down; browsers read them from the log.
    const published = this.options.injectFaults
      ? countNewMessages(inRedis)
      : new Map([...events.newMessages].map(([id, times]) => [id, times.length]));
    const logged = await this.environment.records.eventLog(company.id);
    const { received } = consumer;
    return [
      ...compareMessages({ inWhatsApp, stored, published }),
      ...compareEvents({ received, logged, inRedis, messages: stored.map(({ id }) => id) }),
    ];
  }

  /** Time of the first `new_message` event by message key. */
  private async firstPublished(): Promise<Map<string, number>> {
    const { company, events } = this.parts;
    const stored = await this.environment.records.messages(company.id, new Map());
    return new Map(
      stored.flatMap(({ key, id }) => (events.newMessages.get(id) ?? []).slice(0, 1).map((atMs) => [key, atMs])),
    );
  }

  private async isIdle(): Promise<boolean> {
    const { connectors, company } = this.parts;
    if ((await connectors.factsUnderWay()) > 0) return false;
    if ((await this.environment.records.waiting(company.id)) > 0) return false;
    const metrics = await (await fetch(`${this.environment.worker.current.url}/metrics`)).text();
    return [...metrics.matchAll(/^syszap_worker_queue_jobs\{.*\} (\d+)$/gm)].every(([, jobs]) => jobs === "0");
  }

  private async end(): Promise<string[]> {
    const { connectors, paths, company, events, consumer } = this.parts;
    await consumer.stop();
    this.faults.push(...consumer.faults);
    const faults = [...(await connectors.stop()), ...(await findLeftovers(paths))];
    if (this.faults.length + faults.length > 0) await this.keepLogs([...this.faults, ...faults]);
    for (const { sessionId } of this.linkedSessions) await company.disconnect(sessionId);
    events.close();
    return faults;
  }

  private async keepLogs(violations: readonly string[]): Promise<void> {
    const kept = join(reports, `seed-${this.options.seed}`);
    await cp(this.parts.paths.logs, kept, { recursive: true });
    await cp(join(this.environment.folder, "message-worker.log"), join(kept, "message-worker.log"));
    await writeFile(join(kept, "violations.txt"), `${violations.join("\n")}\n`);
    this.options.log(`  seed ${this.options.seed}: ${violations[0]} (all violations and logs: ${kept})`);
  }

  private result(): RoundResult {
    const { hits, kills, moves, connectClicks } = this.injector;
    return {
      violations: this.faults,
      hits,
      recoveries: this.recoveries,
      consumer: this.parts.consumer.counts,
      counts: {
        kills,
        freezes: hits.freeze ?? 0,
        messages: this.messages,
        "moves to the other connector": moves,
        "times Connect was pressed": connectClicks,
      },
    };
  }
}
