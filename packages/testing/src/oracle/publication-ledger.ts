import type { Audience, ReachAudience } from "@syszap/contracts";
import type { Reader } from "./client-record.ts";

/** A published event. `number` counts the events of this publisher for this company, starting at 1. */
export interface NumberedEvent {
  id: string;
  companyId: string;
  publisher: string;
  number: number;
  audience: Audience;
}

export const labelOf = ({ publisher, number }: NumberedEvent): string => `${publisher}#${number}`;

/** All published events, in the order of each publisher. */
export class PublicationLedger {
  private readonly byId = new Map<string, NumberedEvent>();
  private readonly times = new Map<string, number>();
  private ticks = 0;
  private readonly streams = new Map<string, Map<string, NumberedEvent[]>>();

  /**
   * Call this before the event is passed to the bus: a client may receive it before the publisher gets its
   * confirmation.
   */
  add(event: NumberedEvent): void {
    if (this.byId.has(event.id)) throw new Error(`Event ${event.id} was already published.`);
    const ofCompany = this.streams.get(event.companyId) ?? new Map<string, NumberedEvent[]>();
    this.streams.set(event.companyId, ofCompany);
    const stream = ofCompany.get(event.publisher) ?? [];
    ofCompany.set(event.publisher, stream);
    if (event.number !== stream.length + 1)
      throw new Error(`${labelOf(event)} does not follow the last event of its publisher.`);
    stream.push(event);
    this.byId.set(event.id, event);
    this.times.set(event.id, this.now());
  }

  /** Logical clock: each call returns a larger number. */
  now(): number {
    this.ticks += 1;
    return this.ticks;
  }

  /** Logical time of the publication. A refetch after this time includes the change that the event describes. */
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

/** Independent implementation of the product's audience filter, so that the oracle does not share its faults. */
export function isMeantFor(
  { companyId, audience }: Pick<NumberedEvent, "companyId" | "audience">,
  reader: Reader,
): boolean {
  if (companyId !== reader.companyId) return false;
  if (audience.kind === "user") return audience.userId === reader.userId;
  if (audience.kind === "role") return audience.roles.some((role) => role === reader.role);
  return audience.kind === "company" || isWithinReach(audience, reader);
}

function isWithinReach({ teams, users, except }: ReachAudience, { userId, role, teams: own = [] }: Reader): boolean {
  const ids = [userId, ...own];
  const isNamed = [...teams, ...users].some((id) => ids.includes(id));
  if (!except) return role === "owner" || role === "admin" || isNamed;
  return role === "agent" && isNamed && ![...except.teams, ...except.users].some((id) => ids.includes(id));
}
