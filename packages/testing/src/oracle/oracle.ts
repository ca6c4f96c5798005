import { ClientRecord, type Reader } from "./client-record.ts";
import { findLost, judgeWhatCame, type Promises } from "./judge-client.ts";
import { findDisorder } from "./one-order.ts";
import { labelOf, type NumberedEvent, PublicationBook } from "./publication-book.ts";

/** So many of one kind are named; a broken run would otherwise fill the screen. */
const namedAtMost = 5;

/**
 * Decides whether delivery kept its promise: each client got exactly the events that its reader was entitled to, each
 * once, in one order, none of another company; or was told of a hole in their place. Clients are added before the
 * first event of their company is published.
 */
export class Oracle {
  private readonly book = new PublicationBook();
  private readonly records: ClientRecord[] = [];

  constructor(private readonly promises: Promises = { mayResync: false, mayReplay: false }) {}

  client(name: string, reader: Reader): ClientRecord {
    const record = new ClientRecord(name, reader, () => this.book.now());
    this.records.push(record);
    return record;
  }

  /** Before the event is handed to the bus. It must reach the bus in the end: a publisher repeats until it is answered. */
  publishes(event: NumberedEvent): void {
    this.book.add(event);
  }

  /** True when nobody waits for anything any more. */
  get isSettled(): boolean {
    return this.records.every(
      (record) => record.untold === undefined && findLost(record, this.book, this.promises).length === 0,
    );
  }

  violations(): string[] {
    return [...this.records.flatMap((record) => this.judge(record)), ...this.disagreements()];
  }

  counts(): Record<string, number> {
    const deliveries = this.records.reduce((sum, record) => sum + record.entries.length - record.holes, 0);
    const resyncs = this.records.reduce((sum, record) => sum + record.holes, 0);
    return { published: this.book.size, deliveries, resyncs };
  }

  private judge(record: ClientRecord): string[] {
    const lost = findLost(record, this.book, this.promises).map((event) => `${record.name} lost ${labelOf(event)}`);
    const untold =
      record.untold === undefined ? [] : [`${record.name} has a hole (${record.untold}) that its page was not told of`];
    return [...abridged(judgeWhatCame(record, this.book, this.promises)), ...abridged(lost), ...untold];
  }

  /** Where what was published may be published again, two clients may rightly have it from two lives of the log. */
  private disagreements(): string[] {
    if (this.promises.mayReplay) return [];
    const companies = new Set(this.records.map(({ reader }) => reader.companyId));
    return [...companies].flatMap((companyId) => {
      const ofCompany = this.records.filter(({ reader }) => reader.companyId === companyId);
      const streams = this.book.streamsOf(companyId);
      const disordered = findDisorder(
        ofCompany,
        streams.map((stream) => stream.map(({ id }) => id)),
      );
      if (disordered.length === 0) return [];
      const labels = disordered.slice(0, namedAtMost).map((id) => labelOf(this.book.find(id) ?? unknown(id)));
      return [`the clients of company ${companyId} disagree on the order of ${labels.join(", ")}`];
    });
  }
}

const unknown = (id: string): NumberedEvent => ({
  id,
  companyId: "",
  publisher: id,
  number: 0,
  audience: { kind: "company" },
});

const abridged = (sentences: string[]): string[] =>
  sentences.length <= namedAtMost
    ? sentences
    : [...sentences.slice(0, namedAtMost), `… and ${sentences.length - namedAtMost} more like the last`];
