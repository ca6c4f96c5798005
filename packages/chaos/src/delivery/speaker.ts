import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Audience, type DurableEvent, Role, wholeCompany } from "@syszap/contracts";
import type { Publisher } from "@syszap/event-bus";
import { labelOf, type NumberedEvent, type Oracle, type Random } from "@syszap/testing/oracle";

const againAfterMs = 50;
const confirmedWithinMs = 30_000;

/** Publishes numbered events; what Redis did not confirm is published again with its id, as the outbox does. */
export class Speaker {
  private readonly numbers = new Map<string, number>();

  constructor(
    private readonly publisher: Publisher,
    private readonly oracle: Oracle,
    private readonly name: string,
  ) {}

  /** Resolves when Redis confirmed it: so its events of one company follow each other. `padding` makes it long. */
  say(companyId: string, audience: Audience, padding = 0): Promise<void> {
    return this.publish(companyId, [this.next(companyId, audience)], padding);
  }

  /** Many at once, for the whole company. */
  burst(companyId: string, count: number, padding = 0): Promise<void> {
    const events = Array.from({ length: count }, () => this.next(companyId, wholeCompany));
    return this.publish(companyId, events, padding);
  }

  private next(companyId: string, audience: Audience): NumberedEvent {
    const number = (this.numbers.get(companyId) ?? 0) + 1;
    this.numbers.set(companyId, number);
    const event = { id: randomUUID(), companyId, publisher: this.name, number, audience };
    this.oracle.recordPublication(event);
    return event;
  }

  private async publish(companyId: string, events: NumberedEvent[], padding: number): Promise<void> {
    const finished = events.map((event) => onTheBus(event, padding));
    for (const endsAt = performance.now() + confirmedWithinMs; ; await delay(againAfterMs)) {
      try {
        await this.publisher.publishDurable(companyId, finished);
        return;
      } catch (err) {
        if (performance.now() > endsAt) throw err;
      }
    }
  }
}

/** To the whole company, a user or some roles, as chance has it. */
export function someAudience(random: Random, userIds: readonly string[]): Audience {
  const lot = random.between(1, 10);
  if (lot <= 2) return { kind: "user", userId: random.pick(userIds) };
  if (lot <= 4) return { kind: "role", roles: [random.pick(Role.options)] };
  return wholeCompany;
}

/** Its label travels as the reason of a status, made longer by spaces. */
const onTheBus = (event: NumberedEvent, padding: number): DurableEvent<"message_status"> => ({
  type: "message_status",
  id: event.id,
  version: event.number,
  audience: event.audience,
  data: {
    Id: event.id,
    Chat_Id: event.id,
    Status: "failed",
    Reason: labelOf(event) + " ".repeat(padding),
    timestamp: "2026-01-02T03:04:05.678Z",
  },
});
