import { cp, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Company } from "./company.ts";
import { Connectors, type Places } from "./connectors.ts";
import { type FaultKind, planBlows } from "./faults/plan.ts";
import type { Strike } from "./faults/strike.ts";
import type { Ground } from "./ground.ts";
import { compareBooks } from "./ledger/compare.ts";
import { ledgerOf } from "./ledger/read-books.ts";
import { leftBehind } from "./left-behind.ts";
import { Recorder, toldInLog } from "./recorder.ts";
import type { Recovery } from "./recovery.ts";
import { Siege } from "./siege.ts";
import { type Line, Traffic } from "./traffic.ts";

export interface RoundOptions {
  seed: number;
  kills: number;
  phones: number;
  say(line: string): void;
  /** What goes wrong instead of those kills, while everybody writes. */
  disturb?(parts: RoundParts): Promise<void>;
}
/** What belongs to one seed alone. */
export interface RoundParts {
  company: Company;
  heard: Recorder;
  connectors: Connectors;
  places: Places;
}
export interface RoundResult {
  violations: string[];
  hits: Partial<Record<FaultKind, number>>;
  recoveries: Recovery[];
  counts: Record<string, number>;
}

const reports = fileURLToPath(new URL("../../../../.reports/session-kills", import.meta.url));
const lookAgainMs = 200;
/** Facts whose message is late are tried for about a minute. */
const quietWithinMs = 120_000;

/** One seed: a company with its phones is linked, talks, is struck again and again, and must have everything in the end. */
export class Round {
  private readonly lines: Line[] = [];
  private readonly siege: Siege;
  private readonly faults: string[] = [];
  private recoveries: Recovery[] = [];

  private constructor(
    private readonly ground: Ground,
    private readonly options: RoundOptions,
    private readonly parts: RoundParts,
  ) {
    this.siege = new Siege(ground, parts, this.lines);
  }

  static async open(ground: Ground, options: RoundOptions): Promise<Round> {
    const folder = join(ground.folder, String(options.seed));
    const places = {
      profiles: join(folder, "profiles"),
      temporary: join(folder, "t"), // short: sockets lie in it
      home: join(folder, "home"),
      logs: join(folder, "logs"),
      media: join(ground.folder, "media"),
    };
    const { standIn, restApi, database } = ground;
    const environment = { ...ground.connectorEnvironment, WHATSAPP_WEB_STAND_IN: standIn.address };
    const connectors = new Connectors(places, environment);
    const company = await Company.open(database, restApi.current.url);
    const heard = await Recorder.open(ground.redisUrl, company.id);
    return new Round(ground, options, { company, heard, connectors, places });
  }

  async play(): Promise<RoundResult> {
    const { options, parts } = this;
    const { company, heard } = parts;
    try {
      await parts.connectors.start();
      await this.link();
      const traffic = new Traffic(options.seed, this.lines, { company, heard });
      traffic.start();
      await options.disturb?.(parts);
      for (const blow of planBlows(options.seed, options.kills, options.phones))
        for (const strike of await this.siege.strike(blow)) this.sayStrike(strike);
      await parts.connectors.allBack();
      await this.siege.untilAllConnected();
      await traffic.stop();
      this.faults.push(...traffic.faults);
      this.faults.push(...(await this.settle(traffic)));
      this.recoveries = this.siege.recoveries(await this.firstTold());
    } catch (err) {
      this.faults.push(err instanceof Error ? err.message : String(err));
    }
    this.faults.push(...(await this.end()));
    return this.result();
  }

  private async link(): Promise<void> {
    const { company, heard } = this.parts;
    const { standIn } = this.ground;
    const { seed, phones } = this.options;
    for (let index = 0; index < phones; index++) {
      const session = await company.createSession(`Loja ${index + 1}`);
      const phone = standIn.phone(`55119${8_000_000 + seed * 10 + index}0`, `Loja ${index + 1}`);
      const customers = Array.from({ length: 4 }, (_, at) => `55118${7_000_000 + seed * 10 + at}${index}`);
      this.lines.push({ sessionId: session.id, phone, customers, deliveredAt: new Map() });
    }
    heard.whenCodeIsShown(({ sessionId, raw }) => {
      const line = this.lines.find((one) => one.sessionId === sessionId);
      // A code that was replaced meanwhile is on its screen no more; the next one follows.
      if (line && raw !== undefined && standIn.codes.includes(raw)) standIn.scan(raw, line.phone);
    });
    for (const { sessionId } of this.lines) await company.connect(sessionId);
    await this.siege.untilAllConnected();
  }

  private sayStrike({ kind, sessions }: Strike): void {
    const { seed, kills, say } = this.options;
    const whose = sessions.map((session) => session + 1).join(", ");
    say(
      `  seed ${seed}: ${kind} of phone ${whose} (${this.siege.kills} of ${kills} killed, ${this.messages} messages so far)`,
    );
  }

  /** What WhatsApp has. */
  private get messages(): number {
    return this.lines.reduce((sum, { phone }) => sum + phone.account.messages.length, 0);
  }

  /** Waits until both books agree and nothing is under way, then once more with a last message in each chat. */
  private async settle(traffic: Traffic): Promise<string[]> {
    traffic.everybodyReads();
    const first = await this.untilTheyAgree();
    if (first.length > 0) return first;
    traffic.everybodyWrites();
    return this.untilTheyAgree();
  }

  private async untilTheyAgree(): Promise<string[]> {
    const { company } = this.parts;
    for (const startedAt = Date.now(); ; await delay(lookAgainMs)) {
      const isQuiet = await this.isQuiet();
      const differences = await this.differences();
      if (isQuiet && differences.length === 0) return [];
      if (Date.now() - startedAt < quietWithinMs) continue;
      const letters = await this.ground.records.deadLetters(company.id);
      return [...differences, ...letters, ...(isQuiet ? [] : [`still at work after ${quietWithinMs / 1_000} s`])];
    }
  }

  private async differences(): Promise<string[]> {
    const { company, heard } = this.parts;
    const phones = new Map(this.lines.map(({ sessionId, phone }) => [sessionId, phone.number]));
    const stored = await this.ground.records.messages(company.id, phones);
    const ledger = this.lines.flatMap(({ phone }) => ledgerOf(phone));
    // Whoever only listens misses what is said while Redis is away: browsers read it from the log.
    const told = this.options.disturb
      ? await toldInLog(this.ground.redisUrl, company.id)
      : new Map([...heard.newMessages].map(([id, times]) => [id, times.length]));
    return compareBooks({ ledger, stored, told });
  }

  /** By WhatsApp's key: when browsers first heard of a message. */
  private async firstTold(): Promise<Map<string, number>> {
    const { company, heard } = this.parts;
    const stored = await this.ground.records.messages(company.id, new Map());
    return new Map(
      stored.flatMap(({ key, id }) => (heard.newMessages.get(id) ?? []).slice(0, 1).map((atMs) => [key, atMs])),
    );
  }

  private async isQuiet(): Promise<boolean> {
    const { connectors, company } = this.parts;
    if ((await connectors.factsUnderWay()) > 0) return false;
    if ((await this.ground.records.waiting(company.id)) > 0) return false;
    const metrics = await (await fetch(`${this.ground.worker.current.url}/metrics`)).text();
    return [...metrics.matchAll(/^syszap_worker_queue_jobs\{.*\} (\d+)$/gm)].every(([, jobs]) => jobs === "0");
  }

  private async end(): Promise<string[]> {
    const { connectors, places, company, heard } = this.parts;
    const faults = [...(await connectors.stop()), ...(await leftBehind(places))];
    if (this.faults.length + faults.length > 0) await this.keepLogs([...this.faults, ...faults]);
    for (const { sessionId } of this.lines) await company.disconnect(sessionId);
    heard.close();
    return faults;
  }

  private async keepLogs(violations: readonly string[]): Promise<void> {
    const kept = join(reports, `seed-${this.options.seed}`);
    await cp(this.parts.places.logs, kept, { recursive: true });
    await cp(join(this.ground.folder, "message-worker.log"), join(kept, "message-worker.log"));
    await writeFile(join(kept, "violations.txt"), `${violations.join("\n")}\n`);
    this.options.say(`  seed ${this.options.seed}: ${violations[0]} (all of them, and the logs: ${kept})`);
  }

  private result(): RoundResult {
    const { hits, kills, moves, pressedConnect } = this.siege;
    return {
      violations: this.faults,
      hits,
      recoveries: this.recoveries,
      counts: {
        kills,
        freezes: hits.freeze ?? 0,
        messages: this.messages,
        "moves to the other connector": moves,
        "times Connect was pressed": pressedConnect,
      },
    };
  }
}
