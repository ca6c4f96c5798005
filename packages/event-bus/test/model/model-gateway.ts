import { type Durable, isDurable, type LogPage, type Publication } from "../../src/chain.ts";
import { type Backlog, ChannelReader } from "../../src/channel-reader.ts";
import { type Position, parseCursor, toCursor } from "../../src/header.ts";
import type { ChannelLog } from "../../src/log.ts";
import type { ModelClient } from "./model-client.ts";
import type { ModelRedis } from "./model-redis.ts";
import type { Rule } from "./rules.ts";

const silent = { info: () => {}, warn: () => {}, error: () => {} };

/** Frames of the model have about 30 bytes: a part has two or three. */
const partBytes = 80;

/** The resume of one connection, at its next part. */
interface Resume {
  reader: ChannelReader;
  since: string;
  isFirst: boolean;
  isCurrent: () => boolean;
}

/** Connects the real channel reader to a simulated link to Redis, and to clients that connect and disconnect. */
export class ModelGateway {
  /** Messages in transit from Redis. */
  wire: Durable[] = [];
  /** Commands in transit to Redis, and replies in transit back. One connection keeps the order of each. */
  readonly requests: (() => () => void)[] = [];
  readonly replies: (() => void)[] = [];
  /** Actions that are deferred because a rule is disabled. */
  readonly deferred: (() => void)[] = [];
  isLinked = false;
  private reader: ChannelReader;
  private readonly connections = new Set<ModelClient>();
  /** All clients, including those that were not admitted yet. */
  private readonly clients = new Set<ModelClient>();
  private readonly onPublication = (publication: Durable) => void this.wire.push(publication);

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

  /** Drops one message without closing the link. */
  loseOne(): void {
    this.wire.shift();
  }

  cut(): void {
    this.isLinked = false;
    this.redis.subscribers.delete(this.onPublication);
    this.wire = [];
  }

  link(): void {
    this.isLinked = true;
    this.redis.subscribers.add(this.onPublication);
    const { reader } = this;
    const isOpen = reader.cursor !== undefined;
    void reader.open().then(() => {
      if (isOpen && !this.off.has("heads are compared after a lost link")) this.compareHeads();
    });
  }

  compareHeads(): void {
    const { reader } = this;
    void this.request(() => this.redis.readHead()).then((head) => {
      if (reader === this.reader && this.isToVerify(head)) return reader.verify(head);
    });
  }

  private isToVerify(head: Position | undefined): boolean {
    if (!this.off.has("heads are compared by link")) return true;
    return (head?.seq ?? 0) > (parseCursor(this.reader.cursor ?? "")?.seq ?? 0);
  }

  /** Restarts the gateway: it loses its state and its clients. */
  kill(): void {
    this.cut();
    for (const client of this.clients) this.leave(client);
    this.reader.close();
    this.reader = this.newReader();
  }

  join(client: ModelClient): void {
    const { reader } = this;
    client.isConnected = true;
    this.clients.add(client);
    const { attempt } = client;
    const isCurrent = () => reader === this.reader && client.isConnected && client.attempt === attempt;
    void reader.open().then(() => this.resume(client, { reader, since: client.cursor, isCurrent, isFirst: true }));
  }

  /** Sends the missed events in parts. The client enters the stream with the last part. */
  private async resume(client: ModelClient, from: Resume): Promise<void> {
    const { reader, isCurrent, isFirst } = from;
    let more: string | undefined;
    const admit = (backlog: Backlog) => {
      if (!isCurrent()) return;
      if (isFirst) client.wire.push({ kind: "welcome", recovered: backlog.recovered, cursor: backlog.cursor });
      else if (!backlog.recovered) this.sendResync(client, backlog.cursor);
      for (const publication of backlog.missed) this.send(client, publication);
      if (!backlog.isComplete && !this.off.has("a client enters the stream with the last part")) more = backlog.end;
      else this.enter(client, isCurrent);
    };
    await reader.admit(from.since, admit, partBytes);
    if (more !== undefined) await this.resume(client, { ...from, since: more, isFirst: false });
  }

  private enter(client: ModelClient, isCurrent: () => boolean): void {
    const enter = () => {
      if (isCurrent()) this.connections.add(client);
    };
    if (this.off.has("backlog and stream are joined synchronously")) this.deferred.push(enter);
    else enter();
  }

  leave(client: ModelClient): void {
    this.clients.delete(client);
    this.connections.delete(client);
    client.cut();
  }

  private sendResync(client: ModelClient, cursor: string): void {
    if (!this.off.has("a lost log is reported as resync")) client.wire.push({ kind: "resync", cursor });
  }

  private send(client: ModelClient, { header, frame }: Publication): void {
    if (!header.position || !client.mayRead(header.audience)) return;
    const { id, label } = JSON.parse(frame.toString()) as { id: string; label: string };
    client.wire.push({ kind: "event", id, label, cursor: toCursor(header.position) });
  }

  private newReader(): ChannelReader {
    const sink = {
      deliver: (publication: Publication) => {
        if (isDurable(publication)) for (const client of this.connections) this.send(client, publication);
      },
      resync: (_: string, cursor: string) => {
        for (const client of this.connections) this.sendResync(client, cursor);
      },
    };
    return new ChannelReader("model", this.log(), sink, silent);
  }

  private log(): ChannelLog {
    return {
      openHead: () => this.request(() => this.redis.openHead()),
      range: (fromSeq, toSeq) => this.request(() => this.redis.range(fromSeq, toSeq)),
      page: (fromSeq) => this.page(fromSeq),
    };
  }

  private async page(fromSeq: number): Promise<LogPage> {
    const page = await this.request(() => this.redis.page(fromSeq));
    const cursor = parseCursor(this.reader.cursor ?? "");
    if (!cursor || !this.off.has("the continuity of the log is proven")) return page;
    return asIfItFollowed(cursor, page);
  }

  private request<Answer>(execute: () => Answer): Promise<Answer> {
    return new Promise((resolve) => {
      this.requests.push(() => {
        const answer = execute();
        return () => resolve(answer);
      });
    });
  }
}

/** Rewrites a page as if it followed `from`: a reader that compares `seq` only would accept it. */
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
