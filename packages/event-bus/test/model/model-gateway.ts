import { type Durable, isDurable, type LogPage, type Publication } from "../../src/chain.ts";
import { ChannelReader, type Past } from "../../src/channel-reader.ts";
import { type Position, parseCursor, toCursor } from "../../src/header.ts";
import type { ChannelLog } from "../../src/log.ts";
import type { ModelClient } from "./model-client.ts";
import type { ModelRedis } from "./model-redis.ts";
import type { Rule } from "./rules.ts";

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** The real reader of a channel, between a wire to Redis that may be cut and clients that come and go. */
export class ModelGateway {
  /** Messages on the way from Redis. */
  wire: Durable[] = [];
  /** Commands on the way to Redis, and answers on the way back; each in order, as one connection keeps them. */
  readonly requests: (() => () => void)[] = [];
  readonly replies: (() => void)[] = [];
  /** What was put off to a later moment because a rule is left out. */
  readonly later: (() => void)[] = [];
  isLinked = false;
  private reader: ChannelReader;
  private readonly connections = new Set<ModelClient>();
  /** Those that wait to be welcomed included. */
  private readonly guests = new Set<ModelClient>();
  private readonly hear = (publication: Durable) => void this.wire.push(publication);

  constructor(
    private readonly redis: ModelRedis,
    private readonly off: ReadonlySet<Rule>,
  ) {
    this.reader = this.newReader();
  }

  arrive(): void {
    const next = this.wire.shift();
    if (next) this.reader.receive(next);
  }

  /** Lost between Redis and here, and the link lives on. */
  loseOne(): void {
    this.wire.shift();
  }

  cut(): void {
    this.isLinked = false;
    this.redis.subscribers.delete(this.hear);
    this.wire = [];
  }

  link(): void {
    this.isLinked = true;
    this.redis.subscribers.add(this.hear);
    const { reader } = this;
    const isOpen = reader.cursor !== undefined;
    void reader.open().then(() => {
      if (isOpen && !this.off.has("heads are compared after a lost link")) this.compareHeads();
    });
  }

  compareHeads(): void {
    const { reader } = this;
    void this.ask(() => this.redis.readHead()).then((head) => {
      if (reader === this.reader && this.isToVerify(head)) return reader.verify(head);
    });
  }

  private isToVerify(head: Position | undefined): boolean {
    if (!this.off.has("heads are compared by link")) return true;
    return (head?.seq ?? 0) > (parseCursor(this.reader.cursor ?? "")?.seq ?? 0);
  }

  /** Killed and started again: it knows nothing, and its clients are gone. */
  kill(): void {
    this.cut();
    for (const client of this.guests) this.leave(client);
    this.reader.close();
    this.reader = this.newReader();
  }

  join(client: ModelClient): void {
    const { reader } = this;
    client.isConnected = true;
    this.guests.add(client);
    const { attempt } = client;
    const isWanted = () => reader === this.reader && client.isConnected && client.attempt === attempt;
    const admitted = reader.open().then(() =>
      reader.admit(client.cursor, (past) => {
        if (!isWanted()) return;
        this.greet(client, past);
        const enter = () => {
          if (isWanted()) this.connections.add(client);
        };
        if (this.off.has("past and stream meet in one turn")) this.later.push(enter);
        else enter();
      }),
    );
    void admitted;
  }

  leave(client: ModelClient): void {
    this.guests.delete(client);
    this.connections.delete(client);
    client.cut();
  }

  private greet(client: ModelClient, { recovered, cursor, missed }: Past): void {
    client.wire.push({ kind: "welcome", recovered, cursor });
    for (const publication of missed) this.tell(client, publication);
  }

  private tell(client: ModelClient, { header, frame }: Publication): void {
    if (!header.position || !client.mayRead(header.audience)) return;
    const { id, label } = JSON.parse(frame.toString()) as { id: string; label: string };
    client.wire.push({ kind: "event", id, label, cursor: toCursor(header.position) });
  }

  private newReader(): ChannelReader {
    const sink = {
      deliver: (publication: Publication) => {
        if (isDurable(publication)) for (const client of this.connections) this.tell(client, publication);
      },
      resync: (_: string, cursor: string) => {
        if (this.off.has("a lost log is told")) return;
        for (const client of this.connections) client.wire.push({ kind: "resync", cursor });
      },
    };
    return new ChannelReader("model", this.log(), sink, silent);
  }

  private log(): ChannelLog {
    return {
      openHead: () => this.ask(() => this.redis.openHead()),
      range: (fromSeq, toSeq) => this.ask(() => this.redis.range(fromSeq, toSeq)),
      page: (fromSeq) => this.page(fromSeq),
    };
  }

  private async page(fromSeq: number): Promise<LogPage> {
    const page = await this.ask(() => this.redis.page(fromSeq));
    const cursor = parseCursor(this.reader.cursor ?? "");
    if (!cursor || !this.off.has("what follows in the log is proven")) return page;
    return asIfItFollowed(cursor, page);
  }

  private ask<Answer>(question: () => Answer): Promise<Answer> {
    return new Promise((resolve) => {
      this.requests.push(() => {
        const answer = question();
        return () => resolve(answer);
      });
    });
  }
}

/** The answer of a log that is read by number alone. */
function asIfItFollowed(from: Position, { entries }: LogPage): LogPage {
  let prev = from.link;
  const joined = entries
    .filter(({ header }) => header.position.seq > from.seq)
    .map((entry) => {
      const header = { ...entry.header, prev };
      prev = header.position.link;
      return { ...entry, header };
    });
  return { entries: joined, head: from, isLast: true };
}
