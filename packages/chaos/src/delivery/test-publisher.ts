import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type Audience, type DurableEvent, Role, wholeCompany } from "@syszap/contracts";
import type { Publisher } from "@syszap/event-bus";
import { labelOf, type NumberedEvent, type Oracle, type Random } from "@syszap/testing/oracle";

const retryDelayMs = 50;
const confirmDeadlineMs = 60_000;

/** Publishes numbered events. Like the outbox, it retries unconfirmed events with the same id. */
export class TestPublisher {
  private readonly numbers = new Map<string, number>();

  constructor(
    private readonly publisher: Publisher,
    private readonly oracle: Oracle,
    private readonly name: string,
  ) {}

  /** Publishes one event. Resolves when Redis has confirmed it. `padding` is the number of bytes added to the event. */
  publish(companyId: string, audience: Audience, padding = 0): Promise<void> {
    return this.publishAll(companyId, [this.next(companyId, audience)], padding);
  }

  /** Publishes `count` events at once to the whole company. Resolves to their ids when Redis has confirmed them. */
  async burst(companyId: string, count: number, padding = 0): Promise<string[]> {
    const events = Array.from({ length: count }, () => this.next(companyId, wholeCompany));
    await this.publishAll(companyId, events, padding);
    return events.map(({ id }) => id);
  }

  private next(companyId: string, audience: Audience): NumberedEvent {
    const number = (this.numbers.get(companyId) ?? 0) + 1;
    this.numbers.set(companyId, number);
    const event = { id: randomUUID(), companyId, publisher: this.name, number, audience };
    this.oracle.recordPublication(event);
    return event;
  }

  private async publishAll(companyId: string, events: NumberedEvent[], padding: number): Promise<void> {
    const durableEvents = events.map((event) => toDurableEvent(event, padding));
    for (const endsAt = performance.now() + confirmDeadlineMs; ; await delay(retryDelayMs)) {
      try {
        await this.publisher.publishDurable(companyId, durableEvents);
        return;
      } catch (err) {
        if (performance.now() > endsAt) throw err;
      }
    }
  }
}

/** A random audience: 40 % the whole company, 40 % a reach, 10 % a user, 10 % a role. */
export function someAudience(
  random: Random,
  { userIds, teamIds }: { userIds: readonly string[]; teamIds: readonly string[] },
): Audience {
  const draw = random.between(1, 10);
  if (draw === 1) return { kind: "user", userId: random.pick(userIds) };
  if (draw === 2) return { kind: "role", roles: [random.pick(Role.options)] };
  if (draw > 6) return wholeCompany;
  const someOf = (ids: readonly string[]) => ids.filter(() => random.chance(0.3));
  return { kind: "reach", teams: someOf(teamIds), users: someOf(userIds) };
}

/** The event's label is the reason of a status, padded with spaces. */
const toDurableEvent = (event: NumberedEvent, padding: number): DurableEvent<"message_status"> => ({
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
