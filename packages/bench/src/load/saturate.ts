import { setTimeout as delay } from "node:timers/promises";
import { cpuSeconds } from "../process-costs.ts";
import { nextEvent } from "./event.ts";
import type { Scene } from "./scene.ts";

export interface Saturation {
  cpuMicrosecondsPerDelivery: number;
  deliveriesPerSecond: number;
  /** Of one core, by the measured process. */
  coreShare: number;
}

const warmUpMs = 1_500;
const measuredMs = 5_000;
const settleMs = 10_000;
/** Published and not yet received by everybody: enough that a gateway is never idle, few enough that nobody falls behind. */
const window = 3_000;
/** Published and not yet taken by Redis. */
const maxInFlight = 1_000;
const lookEveryMs = 2;

/** As much as the contender carries, to each company in turn. Fails when a single event did not arrive. */
export async function saturate(scene: Scene): Promise<Saturation> {
  const { crowd, contender } = scene;
  const load = new ClosedLoop(scene, (await crowd.count()).events);
  await delay(warmUpMs);
  const before = await sample(scene);
  await delay(measuredMs);
  const after = await sample(scene);
  load.stop();
  await arrived(scene, load.expected);
  const deliveries = after.events - before.events;
  const cpu = cpuSeconds(contender.pid) >= after.cpu ? after.cpu - before.cpu : Number.NaN;
  const seconds = (after.at - before.at) / 1_000;
  return {
    cpuMicrosecondsPerDelivery: (cpu * 1_000_000) / deliveries,
    deliveriesPerSecond: deliveries / seconds,
    coreShare: cpu / seconds,
  };
}

/** Publishes as fast as Redis takes it and the crowd gets it. */
class ClosedLoop {
  /** Events that the crowd has received when everything published so far has arrived. */
  expected: number;
  private inFlight = 0;
  private published = 0;
  private readonly timer = setInterval(() => this.fill(), lookEveryMs);

  constructor(
    private readonly scene: Scene,
    received: number,
  ) {
    this.expected = received;
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private fill(): void {
    const { crowd, clientsPerCompany } = this.scene;
    const room = window - (this.expected - crowd.progress) / clientsPerCompany;
    const count = Math.min(room, maxInFlight - this.inFlight);
    for (let number = 0; number < count; number++) this.publish();
  }

  private publish(): void {
    const { contender, companyIds, clientsPerCompany } = this.scene;
    this.inFlight += 1;
    this.expected += clientsPerCompany;
    this.published += 1;
    void contender.publish(companyIds[this.published % companyIds.length] ?? "", nextEvent()).then(() => {
      this.inFlight -= 1;
    });
  }
}

async function sample({ crowd, contender }: Scene) {
  const { events } = await crowd.count();
  return { events, cpu: cpuSeconds(contender.pid), at: performance.now() };
}

/** Everything that was published reaches everybody, or the run counts for nothing. */
export async function arrived({ crowd, name }: Pick<Scene, "crowd" | "name">, expected: number): Promise<void> {
  for (const startedAt = Date.now(); Date.now() - startedAt < settleMs; await delay(20)) {
    if ((await crowd.count()).events >= expected) return;
  }
  const { events, open } = await crowd.count();
  throw new Error(`${name}: ${events} of ${expected} events arrived, ${open} clients are connected`);
}
