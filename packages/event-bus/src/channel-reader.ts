import type { Cursor } from "@syszap/contracts";
import { type Backoff, backoffDelay, pause } from "@syszap/platform/async";
import { Chain, type Durable, isDurable, type Publication } from "./chain.ts";
import { type BusLog, BusUnavailableError } from "./errors.ts";
import { type Position, parseCursor, toCursor } from "./header.ts";
import { type ChannelLog, readOn } from "./log.ts";

/** The state of a channel when a connection joins it. Publications after `head` are delivered live. */
export interface Backlog {
  /** True if `missed` contains all publications after the connection's cursor. */
  recovered: boolean;
  /** Position before the first publication that the connection receives. */
  cursor: Cursor;
  head: Cursor;
  missed: readonly Publication[];
}

export interface ReaderSink {
  deliver(publication: Publication): void;
  /** Publications may be missing that cannot be recovered. Delivery continues after `cursor`. */
  resync(reason: string, cursor: Cursor): void;
}

/** Live publications that are buffered while the log is read. If more arrive, they are read from the log instead. */
const maxBuffered = 5_000;
const retryBackoff: Backoff = { firstMs: 100, maxMs: 1_000, jitter: "equal" };

/** Reads one channel: keeps the order, detects gaps and fills them from the log. A delivered publication is in the chain already. */
export class ChannelReader {
  private chain: Chain | undefined;
  private buffered: Durable[] = [];
  private hasOverflowed = false;
  private opening: Promise<void> | undefined;
  private catchingUp: Promise<void> | undefined;
  private deepening: Promise<void> | undefined;
  private wantedSeq = Number.POSITIVE_INFINITY;
  private exhausted: { anchorLink: string; seq: number } | undefined;
  private isClosed = false;

  constructor(
    readonly channel: string,
    private readonly channelLog: ChannelLog,
    private readonly sink: ReaderSink,
    private readonly log: BusLog,
  ) {}

  get cursor(): Cursor | undefined {
    return this.chain && toCursor(this.chain.last);
  }

  /** Reads the head. Must be called after Redis confirmed the subscription, so that no publication after the head is missed. */
  open(): Promise<void> {
    this.opening ??= this.begin().catch((error: unknown) => {
      this.opening = undefined;
      throw error;
    });
    return this.opening;
  }

  private async begin(): Promise<void> {
    const covered = this.buffered.splice(0);
    try {
      this.chain = new Chain(await this.channelLog.openHead());
    } catch (error) {
      this.buffered.unshift(...covered);
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
      this.buffer(publication);
      return;
    }
    const verdict = this.chain.judge(publication.header);
    if (verdict === "deliver") this.deliver(this.chain, publication);
    if (verdict !== "gap") return;
    this.buffer(publication);
    void this.catchUp();
  }

  /** Catches up unless the chain holds the given head. A head that was passed already is a late reply and is fine. */
  async verify(head: Position | undefined): Promise<void> {
    if (!this.chain || (head && this.chain.holds(head))) return;
    await this.catchUp();
  }

  /** Delivers the missing publications from the log, then the buffered ones. Retries until Redis answers. Callers share one run. */
  catchUp(): Promise<void> {
    this.catchingUp ??= this.fill().finally(() => {
      this.catchingUp = undefined;
    });
    return this.catchingUp;
  }

  /**
   * Calls `admit` with the backlog after `since`, synchronously with the read of the chain: each publication is either in the
   * backlog or delivered after the call, never both.
   */
  async admit(since: Cursor | undefined, admit: (backlog: Backlog) => void): Promise<void> {
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
    this.buffered = [];
  }

  /** Extends the chain in both directions until it holds `position`, if the log allows that. */
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

  /** Handles a client whose cursor, from a faster gateway, is newer than the chain. */
  private async catchUpWith(position: Position): Promise<void> {
    const isBehind = () => this.chain !== undefined && position.seq > this.chain.last.seq;
    if (!isBehind()) return;
    const wasRunning = this.catchingUp !== undefined;
    await this.catchUp();
    // A run that was in progress may have read the log before the client's last event was published.
    if (wasRunning && isBehind()) await this.catchUp();
  }

  private isExhausted(seq: number): boolean {
    return this.exhausted?.anchorLink === this.chain?.anchor.link && (this.exhausted?.seq ?? Infinity) <= seq;
  }

  /** Extends the chain back with one read for all waiting connections, so that many reconnects cost one read per company. */
  private async deepen(chain: Chain): Promise<void> {
    await Promise.resolve();
    const seq = this.wantedSeq;
    this.wantedSeq = Number.POSITIVE_INFINITY;
    chain.extendBack(await this.channelLog.range(seq + 1, chain.anchor.seq));
    this.exhausted = { anchorLink: chain.anchor.link, seq };
  }

  private async fill(): Promise<void> {
    for (let attempt = 0; !this.isClosed; attempt++) {
      try {
        await this.readOn();
        if (this.drain()) return;
        attempt = 0;
      } catch (err) {
        if (!(err instanceof BusUnavailableError))
          this.log.error({ err, channel: this.channel }, "reading the channel's log failed");
        await pause(backoffDelay(attempt, retryBackoff));
      }
    }
  }

  private async readOn(): Promise<void> {
    if (!this.chain) return;
    // Publications buffered before the read are older than its result, so the result contains them.
    let covered = this.buffered.splice(0);
    this.hasOverflowed = false;
    try {
      const missed = await readOn(this.channelLog, this.chain.last);
      if (missed) {
        for (const publication of missed) this.deliver(this.chain, publication);
        return;
      }
      covered = covered.concat(this.buffered.splice(0));
      const head = await this.channelLog.openHead();
      this.log.warn({ channel: this.channel }, "the log does not connect to the last delivered publication: resync");
      this.chain.restart(head);
      this.exhausted = undefined;
      this.sink.resync("log_lost", toCursor(head));
    } catch (error) {
      this.buffered.unshift(...covered);
      throw error;
    }
  }

  /** Delivers the buffered publications. Returns false if there is another gap, or if the buffer overflowed. */
  private drain(): boolean {
    const { chain } = this;
    if (!chain) return false;
    const gapAt = this.buffered.findIndex((publication) => {
      const verdict = chain.judge(publication.header);
      if (verdict === "deliver") this.deliver(chain, publication);
      return verdict === "gap";
    });
    this.buffered = gapAt === -1 ? [] : this.buffered.slice(gapAt);
    return gapAt === -1 && !this.hasOverflowed;
  }

  private deliver(chain: Chain, publication: Durable): void {
    if (this.isClosed) return;
    chain.append(publication);
    this.sink.deliver(publication);
  }

  private buffer(publication: Durable): void {
    this.buffered.push(publication);
    if (this.buffered.length <= maxBuffered) return;
    this.buffered = [];
    this.hasOverflowed = true;
  }
}
