import { setTimeout as delay } from "node:timers/promises";
import type { Cursor } from "@syszap/contracts";
import { Chain, type Durable, isDurable, type Publication } from "./chain.ts";
import { type BusLog, BusUnavailableError } from "./errors.ts";
import { type Position, parseCursor, toCursor } from "./header.ts";
import { type ChannelLog, readOn } from "./log.ts";

/** What a newcomer gets before it joins the stream. `cursor` is the position before the first frame that follows. */
export interface Past {
  recovered: boolean;
  cursor: Cursor;
  /** The position after what was missed: the stream goes on from here. */
  head: Cursor;
  missed: readonly Publication[];
}

export interface ReaderSink {
  deliver(publication: Publication): void;
  /** What was delivered so far may have a hole that can't be filled; the stream goes on from `cursor`. */
  resync(reason: string, cursor: Cursor): void;
}

/** Live messages that wait while the log is read; more than these are read from the log again. */
const maxWaiting = 5_000;
const retryDelayMs = { min: 100, max: 1_000 };

/** One channel: keeps order, finds gaps, fills them from the log. All that it delivers is in its chain at that moment. */
export class ChannelReader {
  private chain: Chain | undefined;
  private waiting: Durable[] = [];
  private mustReadAgain = false;
  private opening: Promise<void> | undefined;
  private catchingUp: Promise<void> | undefined;
  private deepening: Promise<void> | undefined;
  private wantedSeq = Number.POSITIVE_INFINITY;
  private exhausted: { anchorLink: string; seq: number } | undefined;
  private isClosed = false;

  constructor(
    readonly channel: string,
    private readonly past: ChannelLog,
    private readonly sink: ReaderSink,
    private readonly log: BusLog,
  ) {}

  get cursor(): Cursor | undefined {
    return this.chain && toCursor(this.chain.last);
  }

  /** Called when the subscription is confirmed: from here on nothing that is published passes by unseen. */
  open(): Promise<void> {
    this.opening ??= this.begin().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  private async begin(): Promise<void> {
    const covered = this.waiting.splice(0);
    try {
      this.chain = new Chain(await this.past.openHead());
    } catch (error) {
      this.waiting.unshift(...covered);
      throw error;
    }
    if (!this.drain()) await this.catchUp();
  }

  receive(publication: Publication): void {
    if (!isDurable(publication)) {
      if (publication.header.expiresAt > Date.now()) this.sink.deliver(publication);
      return;
    }
    if (!this.chain || this.catchingUp) {
      this.wait(publication);
      return;
    }
    const verdict = this.chain.judge(publication.header);
    if (verdict === "deliver") this.take(this.chain, publication);
    if (verdict !== "gap") return;
    this.wait(publication);
    void this.catchUp();
  }

  /** Compares with a head that was read: equal is well, one that we passed already is only a late reply. */
  async verify(head: Position | undefined): Promise<void> {
    if (!this.chain || (head && this.chain.holds(head))) return;
    await this.catchUp();
  }

  /** Reads what is missing from the log, delivers it, then what waited. Tries until Redis answers; callers share one run. */
  catchUp(): Promise<void> {
    this.catchingUp ??= this.fill().finally(() => {
      this.catchingUp = undefined;
    });
    return this.catchingUp;
  }

  /**
   * Calls `admit` with the past of `since`, in the same turn in which the chain says so: every publication delivered
   * before that turn is in the past, every later one is not.
   */
  async admit(since: Cursor | undefined, admit: (past: Past) => void): Promise<void> {
    const position = since === undefined ? undefined : parseCursor(since);
    if (position) await this.reach(position);
    if (!this.chain) throw new BusUnavailableError("the channel is not open");
    const missed = position && this.chain.since(position);
    const head = toCursor(this.chain.last);
    if (missed && since) admit({ recovered: true, cursor: since, head, missed });
    else admit({ recovered: false, cursor: head, head, missed: [] });
  }

  close(): void {
    this.isClosed = true;
    this.waiting = [];
  }

  /** Brings the chain to where it can say what follows `position`, if anything can. */
  private async reach(position: Position): Promise<void> {
    if (!this.chain || this.chain.holds(position)) return;
    await this.catchUpWith(position);
    while (this.chain.anchor.seq > position.seq && !this.isExhausted(position.seq)) {
      this.wantedSeq = Math.min(this.wantedSeq, position.seq);
      this.deepening ??= this.deepen(this.chain).finally(() => {
        this.deepening = undefined;
      });
      await this.deepening;
    }
  }

  /** A browser that comes from a faster gateway: ours has not seen yet what it holds. */
  private async catchUpWith(position: Position): Promise<void> {
    const isBehind = () => this.chain !== undefined && position.seq > this.chain.last.seq;
    if (!isBehind()) return;
    const wasUnderWay = this.catchingUp !== undefined;
    await this.catchUp();
    // That run may have asked Redis before the browser's last event was there.
    if (wasUnderWay && isBehind()) await this.catchUp();
  }

  private isExhausted(seq: number): boolean {
    return this.exhausted?.anchorLink === this.chain?.anchor.link && (this.exhausted?.seq ?? Infinity) <= seq;
  }

  /** One read for all who wait: a storm of reconnects costs Redis one read per company. */
  private async deepen(chain: Chain): Promise<void> {
    await Promise.resolve();
    const seq = this.wantedSeq;
    this.wantedSeq = Number.POSITIVE_INFINITY;
    chain.extendBack(await this.past.range(seq + 1, chain.anchor.seq));
    this.exhausted = { anchorLink: chain.anchor.link, seq };
  }

  private async fill(): Promise<void> {
    for (let attempt = 0; !this.isClosed; attempt++) {
      try {
        await this.readOn();
        if (this.drain()) return;
        attempt = 0;
      } catch (err) {
        if (!(err instanceof BusUnavailableError)) this.log.error({ err, channel: this.channel }, "log not readable");
        const ceiling = Math.min(retryDelayMs.min * 2 ** attempt, retryDelayMs.max);
        await delay(ceiling * (0.5 + Math.random() / 2), undefined, { ref: false });
      }
    }
  }

  private async readOn(): Promise<void> {
    if (!this.chain) return;
    // What came in before the read is sent is older than its answer, so it is in it or replaced by it.
    let covered = this.waiting.splice(0);
    this.mustReadAgain = false;
    try {
      const missed = await readOn(this.past, this.chain.last);
      if (missed) {
        for (const publication of missed) this.take(this.chain, publication);
        return;
      }
      covered = covered.concat(this.waiting.splice(0));
      const head = await this.past.openHead();
      this.log.warn({ channel: this.channel }, "the log does not reach back to what was delivered: resync");
      this.chain.restart(head);
      this.exhausted = undefined;
      this.sink.resync("log_lost", toCursor(head));
    } catch (error) {
      this.waiting.unshift(...covered);
      throw error;
    }
  }

  /** Delivers what waited. False when there is a gap again, or when not all could wait. */
  private drain(): boolean {
    const { chain } = this;
    if (!chain) return false;
    const gapAt = this.waiting.findIndex((publication) => {
      const verdict = chain.judge(publication.header);
      if (verdict === "deliver") this.take(chain, publication);
      return verdict === "gap";
    });
    this.waiting = gapAt === -1 ? [] : this.waiting.slice(gapAt);
    return gapAt === -1 && !this.mustReadAgain;
  }

  private take(chain: Chain, publication: Durable): void {
    if (this.isClosed) return;
    chain.append(publication);
    this.sink.deliver(publication);
  }

  private wait(publication: Durable): void {
    this.waiting.push(publication);
    if (this.waiting.length <= maxWaiting) return;
    this.waiting = [];
    this.mustReadAgain = true;
  }
}
