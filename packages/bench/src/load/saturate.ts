import { setTimeout as delay } from "node:timers/promises";
import { cpuSeconds } from "../harness/process-costs.ts";
import { nextEvent } from "./event.ts";
import type { LoadEnvironment } from "./load-environment.ts";

export interface Saturation {
  cpuMicrosecondsPerDelivery: number;
  deliveriesPerSecond: number;
  /** CPU usage of the measured process as a share of one core. */
  coreShare: number;
}

const warmUpMs = 1_500;
const measuredMs = 5_000;
const settleMs = 10_000;
/**
 * Maximum number of published events that not all clients have received. The gateway is never idle and no client falls
 * behind.
 */
const window = 3_000;
/** Maximum number of published events that Redis has not confirmed. */
const maxInFlight = 1_000;
const pollIntervalMs = 2;

/** Measures the gateway at full speed. Rejects if a single event does not arrive. */
export async function saturate(environment: LoadEnvironment): Promise<Saturation> {
  const { pool, gateway } = environment;
  const load = new ClosedLoop(environment, (await pool.count()).events);
  await delay(warmUpMs);
  const before = await sample(environment);
  await delay(measuredMs);
  const after = await sample(environment);
  load.stop();
  await arrived(environment, load.expected);
  const deliveries = after.events - before.events;
  const cpu = cpuSeconds(gateway.pid) >= after.cpu ? after.cpu - before.cpu : Number.NaN;
  const seconds = (after.at - before.at) / 1_000;
  return {
    cpuMicrosecondsPerDelivery: (cpu * 1_000_000) / deliveries,
    deliveriesPerSecond: deliveries / seconds,
    coreShare: cpu / seconds,
  };
}

/** Publishes as fast as Redis confirms and the clients receive. */
class ClosedLoop {
  /** Number of events that the clients will have received when all published events have arrived. */
  expected: number;
  private inFlight = 0;
  private published = 0;
  private readonly timer = setInterval(() => this.fill(), pollIntervalMs);

  constructor(
    private readonly environment: LoadEnvironment,
    received: number,
  ) {
    this.expected = received;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private fill(): void {
    const { pool, clientsPerCompany } = this.environment;
    const room = window - (this.expected - pool.progress) / clientsPerCompany;
    const count = Math.min(room, maxInFlight - this.inFlight);
    for (let number = 0; number < count; number++) this.publish();
  }

  private publish(): void {
    const { gateway, companyIds, clientsPerCompany } = this.environment;
    this.inFlight += 1;
    this.expected += clientsPerCompany;
    this.published += 1;
    void gateway.publish(companyIds[this.published % companyIds.length] ?? "", nextEvent()).then(() => {
      this.inFlight -= 1;
    });
  }
}

async function sample({ pool, gateway }: LoadEnvironment) {
  const { events } = await pool.count();
  return { events, cpu: cpuSeconds(gateway.pid), at: performance.now() };
}

/** Waits until all clients have received all events. Rejects otherwise, because the measurement is then invalid. */
export async function arrived({ pool, name }: Pick<LoadEnvironment, "pool" | "name">, expected: number): Promise<void> {
  for (const startedAt = Date.now(); Date.now() - startedAt < settleMs; await delay(20)) {
    if ((await pool.count()).events >= expected) return;
  }
  const { events, open } = await pool.count();
  throw new Error(`${name}: ${events} of ${expected} events arrived, ${open} clients are connected`);
}
