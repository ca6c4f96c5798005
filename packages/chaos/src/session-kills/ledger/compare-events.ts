import { type DataOf, type EventFrame, selectableTypes } from "@syszap/contracts";
import { some } from "./compare-messages.ts";

/** An event of the log that consumers read. */
export interface ConsumerEvent {
  position: number;
  id: string;
  type: string;
}

/** What a consumer received, and the records that it must agree with. */
export interface EventRecords {
  /** In the order of the positions, each position once. */
  received: readonly (ConsumerEvent & { data: unknown })[];
  /** The event log in Postgres. */
  logged: readonly ConsumerEvent[];
  /** The newest events that browsers received, in their order. */
  inRedis: readonly Pick<EventFrame, "id" | "type">[];
  /** Ids of the stored messages. */
  messages: readonly string[];
}

/** One sentence per difference. Empty if the consumer received every event once and in the order of the browsers. */
export function compareEvents(records: EventRecords): string[] {
  return [
    ...some("consumer missed", missed(records)),
    ...some("consumer received wrongly", unknown(records)),
    ...some("consumer received twice", repeated(records)),
    ...some("consumer differs from browsers", differsFromBrowsers(records)),
    ...some("consumer has messages wrongly", wrongMessages(records)),
  ];
}

const describe = ({ position, type, id }: ConsumerEvent) => `${position} (${type} ${id})`;

function missed({ received, logged }: EventRecords): string[] {
  const positions = new Set(received.map(({ position }) => position));
  return logged.filter(({ position }) => !positions.has(position)).map(describe);
}

function unknown({ received, logged }: EventRecords): string[] {
  const ids = new Map(logged.map(({ position, id }) => [position, id]));
  return received.filter(({ position, id }) => ids.get(position) !== id).map(describe);
}

function repeated({ received }: EventRecords): string[] {
  const ids = new Set<string>();
  return received.filter(({ id }) => ids.size === ids.add(id).size).map(describe);
}

/** A consumer does not receive the types that concern the reach of one user. */
function differsFromBrowsers({ received, inRedis }: EventRecords): string[] {
  const selectable = new Set<string>(selectableTypes);
  const shown = inRedis.filter(({ type }) => selectable.has(type));
  const ofConsumer = new Set(received.map(({ id }) => id));
  const ofBrowsers = new Set(shown.map(({ id }) => id));
  const both = received.filter(({ id }) => ofBrowsers.has(id));
  const inOrder = shown.filter(({ id }) => ofConsumer.has(id));
  const at = inOrder.findIndex(({ id }, index) => both[index]?.id !== id);
  const [expected, actual] = [inOrder[at], both[at]];
  return [
    ...shown.filter(({ id }) => !ofConsumer.has(id)).map(({ type, id }) => `only browsers received ${type} ${id}`),
    ...(expected && actual ? [`${describe(actual)} is at the position of ${expected.type} ${expected.id}`] : []),
  ];
}

function wrongMessages({ received, messages }: EventRecords): string[] {
  const times = countNewMessages(received);
  return messages.filter((id) => times.get(id) !== 1).map((id) => `message ${id} came ${times.get(id) ?? 0} times`);
}

/** Number of `new_message` events by message id. */
export function countNewMessages(events: readonly { type: string; data: unknown }[]): Map<string, number> {
  const times = new Map<string, number>();
  for (const { type, data } of events) {
    if (type !== "new_message") continue;
    const { Id } = data as DataOf<"new_message">;
    times.set(Id, (times.get(Id) ?? 0) + 1);
  }
  return times;
}
