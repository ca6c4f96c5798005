import type { Audience } from "@syszap/contracts";
import type { Reader } from "./client-record.ts";

/** One event as its publisher knows it: the `number`th (from 1) that this publisher gave to this company. */
export interface NumberedEvent {
  id: string;
  companyId: string;
  publisher: string;
  number: number;
  audience: Audience;
}

export const labelOf = ({ publisher, number }: NumberedEvent): string => `${publisher}#${number}`;

/** Everything that was published, in each publisher's own order. */
export class PublicationBook {
  private readonly byId = new Map<string, NumberedEvent>();
  private readonly times = new Map<string, number>();
  private ticks = 0;
  private readonly streams = new Map<string, Map<string, NumberedEvent[]>>();

  /** To be called before the event is handed to the bus: a client may have it before its publisher is answered. */
  add(event: NumberedEvent): void {
    if (this.byId.has(event.id)) throw new Error(`Event ${event.id} was published already`);
    const ofCompany = this.streams.get(event.companyId) ?? new Map<string, NumberedEvent[]>();
    this.streams.set(event.companyId, ofCompany);
    const stream = ofCompany.get(event.publisher) ?? [];
    ofCompany.set(event.publisher, stream);
    if (event.number !== stream.length + 1) throw new Error(`${labelOf(event)} is out of turn`);
    stream.push(event);
    this.byId.set(event.id, event);
    this.times.set(event.id, this.now());
  }

  /** A clock that only says what came before what. */
  now(): number {
    this.ticks += 1;
    return this.ticks;
  }

  /** Whoever refetches after this moment reads what the event tells of. */
  publishedAt(id: string): number {
    return this.times.get(id) ?? Number.POSITIVE_INFINITY;
  }

  get size(): number {
    return this.byId.size;
  }

  find(id: string): NumberedEvent | undefined {
    return this.byId.get(id);
  }

  /** One list for each publisher. */
  streamsOf(companyId: string): NumberedEvent[][] {
    return [...(this.streams.get(companyId)?.values() ?? [])];
  }
}

/** Said here a second time, apart from the product's own filter: what is judged must not be its own judge. */
export function isMeantFor({ companyId, audience }: NumberedEvent, reader: Reader): boolean {
  if (companyId !== reader.companyId) return false;
  if (audience.kind === "user") return audience.userId === reader.userId;
  return audience.kind === "company" || audience.roles.some((role) => role === reader.role);
}
