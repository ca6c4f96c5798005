import { type DeliveryGuarantees, findDeliveryViolations, findLost } from "./check-client.ts";
import { ClientRecord, type Reader } from "./client-record.ts";
import { findOrderConflicts } from "./order-conflicts.ts";
import { labelOf, type NumberedEvent, PublicationLedger } from "./publication-ledger.ts";

/** Maximum number of listed violations of one kind. */
const maxListed = 5;

/**
 * Checks the delivery guarantee: each client receives exactly the events whose audience includes its reader, each once, in one
 * common order, and none of another company; or it receives a gap notice in their place. Clients must be added before the first
 * event of their company is published.
 */
export class Oracle {
  private readonly ledger = new PublicationLedger();
  private readonly records: ClientRecord[] = [];

  constructor(private readonly guarantees: DeliveryGuarantees = { mayResync: false, mayReplay: false }) {}

  client(name: string, reader: Reader): ClientRecord {
    const record = new ClientRecord(name, reader, () => this.ledger.now());
    this.records.push(record);
    return record;
  }

  /**
   * Call this before the event is passed to the bus. The publisher must then retry until the bus confirms the event.
   */
  recordPublication(event: NumberedEvent): void {
    this.ledger.add(event);
  }

  /** True when no client has missing events or an unreported gap. */
  get isSettled(): boolean {
    return this.records.every(
      (record) => record.unreportedGap === undefined && findLost(record, this.ledger, this.guarantees).length === 0,
    );
  }

  violations(): string[] {
    return [...this.records.flatMap((record) => this.check(record)), ...this.orderConflicts()];
  }

  counts(): Record<string, number> {
    const deliveries = this.records.reduce((sum, record) => sum + record.entries.length - record.gapCount, 0);
    const resyncs = this.records.reduce((sum, record) => sum + record.gapCount, 0);
    return { published: this.ledger.size, deliveries, resyncs };
  }

  private check(record: ClientRecord): string[] {
    const lost = findLost(record, this.ledger, this.guarantees).map((event) => `${record.name} lost ${labelOf(event)}`);
    const gap = record.unreportedGap;
    const unreported = gap === undefined ? [] : [`${record.name} did not report a gap (${gap}) to its page`];
    const violations = findDeliveryViolations(record, this.ledger, this.guarantees);
    return [...abridged(violations), ...abridged(lost), ...unreported];
  }

  /** With replays, two clients may validly receive events from two generations of the log, so order is not compared. */
  private orderConflicts(): string[] {
    if (this.guarantees.mayReplay) return [];
    const companies = new Set(this.records.map(({ reader }) => reader.companyId));
    return [...companies].flatMap((companyId) => {
      const ofCompany = this.records.filter(({ reader }) => reader.companyId === companyId);
      const streams = this.ledger.streamsOf(companyId);
      const conflicts = findOrderConflicts(
        ofCompany,
        streams.map((stream) => stream.map(({ id }) => id)),
      );
      if (conflicts.length === 0) return [];
      const labels = conflicts.slice(0, maxListed).map((id) => labelOf(this.ledger.find(id) ?? unknown(id)));
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

const abridged = (violations: string[]): string[] =>
  violations.length <= maxListed
    ? violations
    : [...violations.slice(0, maxListed), `… and ${violations.length - maxListed} more of this kind`];
