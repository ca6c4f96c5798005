import type { DeliveryGuarantees } from "@syszap/testing/oracle";
import { Random } from "@syszap/testing/oracle";
import type { Scenario, ScenarioContext } from "../framework/scenario.ts";
import { type Backend, DeliveryEnvironment } from "./delivery-environment.ts";
import { DeliveryRound } from "./delivery-round.ts";

/** A fault on the path of events. `Of` is the Redis deployment that it requires. */
export interface DeliveryFault<Of extends Backend> {
  name: string;
  /** One sentence that describes the fault. */
  about: string;
  /** Set where the log may not hold all missed events. By default, no client may be asked to refetch. */
  guarantees?: Partial<DeliveryGuarantees>;
  openBackend(): Promise<Of>;
  /** Number of clients per company. */
  clientsPerCompany?: (size: number | undefined) => number;
  /** Injects the fault while publishers publish. Runs for a bounded time and repairs everything before it resolves. */
  inject(round: DeliveryRound, backend: Of, context: ScenarioContext): Promise<void>;
}

/**
 * Creates a scenario: each client receives every event of its audience once and in order, or a gap notice, despite the
 * fault.
 */
export const deliveryScenario = <Of extends Backend>(fault: DeliveryFault<Of>): Scenario => ({
  name: fault.name,
  about: `${fault.about} Each client receives its events once and in order${fault.guarantees?.mayResync ? ", or a gap notice" : ""}.`,
  open: async (context) => {
    let random = new Random(0);
    const backend = await fault.openBackend();
    const environment = await DeliveryEnvironment.open(backend, () => random);
    return {
      runSeed: async (seed) => {
        random = new Random(seed);
        const round = new DeliveryRound(environment, seed, { mayResync: false, mayReplay: false, ...fault.guarantees });
        await round.connectClients(fault.clientsPerCompany?.(context.size));
        round.startPublishing();
        await fault.inject(round, backend, context);
        await round.stopPublishing();
        return round.check();
      },
      close: async () => {
        await environment.close();
        await backend.close();
        return [];
      },
    };
  },
});
