import type { Cursor } from "@syszap/contracts";
import { type Backoff, backoffDelay, pause } from "@syszap/platform/async";
import { Chain, continuation, type Durable, defaultTailLimits, isDurable, type Publication } from "./chain.ts";
import { type BusLog, BusUnavailableError } from "./errors.ts";
import { type Position, parseCursor, toCursor } from "./header.ts";
import type { ChannelLog } from "./log.ts";

/** What a connection missed, or the first part of it. */
export interface Backlog {
  /** False if publications after the connection's cursor are lost for it. It then continues at the newest position. */
  recovered: boolean;
  /** Position before `missed`. */
  cursor: Cursor;
  /** The publications after `cursor`, in order. */
  missed: readonly Publication[];
  /** Position after `missed`. */
  end: Cursor;
  /** True if all publications after `end` are delivered live. Otherwise more were missed: the next part starts at `end`. */
  isComplete: boolean;
}

export interface ReaderSink {
  deliver(publication: Publication): void;
  /** Resolves when more publications may be delivered. Called between the pages of the log while missed ones are read. */
  room?(): Promise<void>;
  /** Publications may be missing that cannot be recovered. Delivery continues after `cursor`. */
  resync(reason: string, cursor: Cursor): void;
}

/** Live publications that are buffered while the log is read. If more arrive, they are read from the log instead. */
const maxBuffered = 5_000;
const maxBufferedBytes = 4 * 1024 * 1024;
/** Size of one read of the log. */
const pageBytes = 512 * 1024;
/** How far the tail is extended back for waiting connections. Connections that missed more read the log page by page. */
const maxDeepening = { publications: defaultTailLimits.publications, bytes: 1024 * 1024 };
const retryBackoff: Backoff = { firstMs: 100, maxMs: 1_000, jitter: "equal" };

/** Reads one channel: keeps the order, detects gaps and fills them from the log. A delivered publication is in the chain already. */
export class ChannelReader {
  private chain: Chain | undefined;
  private buffered: Durable[] = [];
  private bufferedBytes = 0;
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
    const covered = this.takeBuffered();
    try {
      this.chain = new Chain(await this.channelLog.openHead());
    } catch (error) {
      for (const publication of [...covered, ...this.takeBuffered()]) this.buffer(publication);
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
   * Calls `admit` with the next part of the backlog after `since`, at most `maxBytes` of frames but at least one publication. If the
   * part is complete, the call is synchronous with the read of the chain: each publication is either in a part or delivered after
   * the call, never both.
   */
  async admit(
    since: Cursor | undefined,
    admit: (backlog: Backlog) => void,
    maxBytes = Number.POSITIVE_INFINITY,
  ): Promise<void> {
    const position = since === undefined ? undefined : parseCursor(since);
    if (position) await this.reach(position);
    if (!this.chain) throw new BusUnavailableError("the channel is not open");
    const isOlder = position !== undefined && position.seq < this.chain.anchor.seq;
    const older = isOlder ? await this.readOlder(position, maxBytes) : undefined;
    const missed = older ?? (position && this.chain.since(position, maxBytes));
    if (!missed || since === undefined) {
      const head = toCursor(this.chain.last);
      admit({ recovered: false, cursor: head, missed: [], end: head, isComplete: true });
      return;
    }
    const end = missed.at(-1)?.header.position ?? this.chain.last;
    const isComplete = end.link === this.chain.last.link;
    admit({ recovered: true, cursor: since, missed, end: toCursor(end), isComplete });
  }

  /** Reads what follows a position that is older than the tail. Undefined if the log does not prove that anything does. */
  private async readOlder(position: Position, maxBytes: number): Promise<readonly Durable[] | undefined> {
    const page = await this.channelLog.page(position.seq + 1, Math.min(maxBytes, pageBytes));
    const next = continuation(position, page);
    // Without entries, Redis is behind this reader: it lost publications, and a resync will follow.
    return next && next.length > 0 ? next : undefined;
  }

  close(): void {
    this.isClosed = true;
    this.takeBuffered();
  }

  /** Extends the chain in both directions until it holds `position`, if the log allows that and `position` is not too old. */
  private async reach(position: Position): Promise<void> {
    if (!this.chain || this.chain.holds(position)) return;
    await this.catchUpWith(position);
    while (this.mayDeepenTo(this.chain, position)) {
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

  private mayDeepenTo(chain: Chain, { seq }: Position): boolean {
    const isNear = chain.last.seq - seq <= maxDeepening.publications;
    return seq < chain.anchor.seq && isNear && chain.freeBytes > 0 && !this.isExhausted(seq);
  }

  private isExhausted(seq: number): boolean {
    return this.exhausted?.anchorLink === this.chain?.anchor.link && (this.exhausted?.seq ?? Infinity) <= seq;
  }

  /** Extends the chain back with one read for all waiting connections, so that many reconnects cost one read per company. */
  private async deepen(chain: Chain): Promise<void> {
    await Promise.resolve();
    const seq = this.wantedSeq;
    this.wantedSeq = Number.POSITIVE_INFINITY;
    const maxBytes = Math.min(chain.freeBytes, maxDeepening.bytes);
    chain.extendBack(await this.channelLog.range(seq + 1, chain.anchor.seq, maxBytes));
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

  /** Delivers the publications of the log, page by page, up to the newest one. */
  private async readOn(): Promise<void> {
    for (let isLast = false; !isLast && this.chain && !this.isClosed; ) {
      isLast = await this.readPage(this.chain);
      if (!isLast) await this.sink.room?.();
    }
  }

  /** Delivers the next page of the log. Returns true if it was the last one. */
  private async readPage(chain: Chain): Promise<boolean> {
    // Publications buffered before the read are in the log already, so this page or a later one contains them.
    let covered = this.takeBuffered();
    this.hasOverflowed = false;
    try {
      const page = await this.channelLog.page(chain.last.seq + 1, pageBytes);
      const missed = continuation(chain.last, page);
      if (missed) {
        for (const publication of missed) this.deliver(chain, publication);
        return page.isLast;
      }
      covered = covered.concat(this.takeBuffered());
      const head = await this.channelLog.openHead();
      this.log.warn({ channel: this.channel }, "the log does not connect to the last delivered publication: resync");
      chain.restart(head);
      this.exhausted = undefined;
      this.sink.resync("log_lost", toCursor(head));
      return true;
    } catch (error) {
      for (const publication of [...covered, ...this.takeBuffered()]) this.buffer(publication);
      throw error;
    }
  }

  /** Delivers the buffered publications. Returns false if there is another gap, or if the buffer overflowed. */
  private drain(): boolean {
    const { chain } = this;
    if (!chain) return false;
    const buffered = this.takeBuffered();
    const gapAt = buffered.findIndex((publication) => {
      const verdict = chain.judge(publication.header);
      if (verdict === "deliver") this.deliver(chain, publication);
      return verdict === "gap";
    });
    if (gapAt !== -1) for (const publication of buffered.slice(gapAt)) this.buffer(publication);
    return gapAt === -1 && !this.hasOverflowed;
  }

  private deliver(chain: Chain, publication: Durable): void {
    if (this.isClosed) return;
    chain.append(publication);
    this.sink.deliver(publication);
  }

  private buffer(publication: Durable): void {
    this.buffered.push(publication);
    this.bufferedBytes += publication.frame.length;
    if (this.buffered.length <= maxBuffered && this.bufferedBytes <= maxBufferedBytes) return;
    this.takeBuffered();
    this.hasOverflowed = true;
  }

  private takeBuffered(): Durable[] {
    const { buffered } = this;
    this.buffered = [];
    this.bufferedBytes = 0;
    return buffered;
  }
}
