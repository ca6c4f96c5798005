import { setTimeout as delay } from "node:timers/promises";
import { type Audience, wholeCompany } from "@syszap/contracts";
import { cpuSeconds, writeCalls } from "../harness/process-costs.ts";
import { nextEvent } from "./event.ts";
import type { LoadEnvironment } from "./load-environment.ts";
import { PublishesInFlight } from "./publishes-in-flight.ts";

export interface Saturation {
  cpuMicrosecondsPerDelivery: number;
  deliveriesPerSecond: number;
  /** CPU usage of the measured process as a share of one core. */
  coreShare: number;
  /** Number of events that one write call of the measured process carries, on average. */
  eventsPerWrite: number;
  bytesPerEvent: number;
}

const warmUpMs = 1_500;
const measuredMs = 5_000;
const settleMs = 30_000;
/**
 * Maximum number of published events that not all clients have received. The gateway is never idle and no client falls
 * behind.
 */
const window = 3_000;
/** Maximum number of published events that Redis has not confirmed. */
const maxInFlight = 1_000;
const pollIntervalMs = 2;

/** The audience of an event, which must include all clients of the company. */
type AudienceOf = (companyId: string, number: number) => Audience;

/** Measures the gateway at full speed. Rejects if a single event does not arrive. */
export async function saturate(
  environment: LoadEnvironment,
  audienceOf: AudienceOf = () => wholeCompany,
): Promise<Saturation> {
  const { pool, gateway } = environment;
  const load = new ClosedLoop(environment, audienceOf, (await pool.count()).events);
  await delay(warmUpMs);
  const before = await sample(environment);
  await delay(measuredMs);
  const after = await sample(environment);
  await load.stop();
  await arrived(environment, load.expected);
  const deliveries = after.events - before.events;
  const cpu = cpuSeconds(gateway.pid) >= after.cpu ? after.cpu - before.cpu : Number.NaN;
  const seconds = (after.at - before.at) / 1_000;
  return {
    cpuMicrosecondsPerDelivery: (cpu * 1_000_000) / deliveries,
    deliveriesPerSecond: deliveries / seconds,
    coreShare: cpu / seconds,
    eventsPerWrite: deliveries / (after.writes - before.writes),
    bytesPerEvent: (after.bytes - before.bytes) / deliveries,
  };
}

/** Publishes as fast as Redis confirms and the clients receive. */
class ClosedLoop {
  /** Number of events that the clients will have received when all published events have arrived. */
  expected: number;
  private readonly publishing = new PublishesInFlight();
  private published = 0;
  private readonly timer = setInterval(() => this.fill(), pollIntervalMs);

  constructor(
    private readonly environment: LoadEnvironment,
    private readonly audienceOf: AudienceOf,
    received: number,
  ) {
    this.expected = received;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.publishing.settled();
  }

  private fill(): void {
    const { pool, clientsPerCompany } = this.environment;
    const room = window - (this.expected - pool.progress) / clientsPerCompany;
    const count = Math.min(room, maxInFlight - this.publishing.inFlight);
    for (let number = 0; number < count; number++) this.publish();
  }

  private publish(): void {
    const { gateway, companyIds, clientsPerCompany } = this.environment;
    this.expected += clientsPerCompany;
    this.published += 1;
    const companyId = companyIds[this.published % companyIds.length] ?? "";
    const audience = this.audienceOf(companyId, Math.floor(this.published / companyIds.length));
    this.publishing.add(gateway.publish(companyId, { ...nextEvent(), audience }));
  }
}

async function sample({ pool, gateway }: LoadEnvironment) {
  const { events, bytes } = await pool.count();
  return { events, bytes, writes: writeCalls(gateway.pid), cpu: cpuSeconds(gateway.pid), at: performance.now() };
}

/**
 * Waits until all clients have received all events, however slow they are. Rejects when none arrives for some time, because the
 * measurement is then invalid.
 */
export async function arrived({ pool, name }: Pick<LoadEnvironment, "pool" | "name">, expected: number): Promise<void> {
  let last = await pool.count();
  for (let changedAt = Date.now(); Date.now() - changedAt < settleMs; await delay(20)) {
    const count = await pool.count();
    if (count.events > last.events) changedAt = Date.now();
    last = count;
    if (count.events === expected) return;
    if (count.events > expected) break;
  }
  const { events, open, resyncs } = last;
  throw new Error(
    `${name}: ${events} of ${expected} events arrived, ${open} clients are connected, they received ${resyncs} resync frames`,
  );
}
