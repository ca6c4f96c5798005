import { gatewayKills, redisRestarts, redisWipes } from "./delivery/disturbances/processes.ts";
import { bursts, crowdReturns, longSleep, slowReader } from "./delivery/disturbances/readers.ts";
import { clusterMoves, sentinelFailovers } from "./delivery/disturbances/topologies.ts";
import { clientCuts, halfOpen, pubsubKills, redisCuts } from "./delivery/disturbances/wires.ts";
import { pipelineScenarios } from "./pipeline/scenario.ts";
import type { Scenario } from "./scenario.ts";
import { sessionKills } from "./session-kills/scenario.ts";

/** What may befall events on their way from publishers to people. */
export const deliveryScenarios: readonly Scenario[] = [
  ...[clientCuts, redisCuts, halfOpen, pubsubKills],
  ...[gatewayKills, redisRestarts, redisWipes],
  ...[sentinelFailovers, clusterMoves],
  ...[bursts, longSleep, slowReader, crowdReturns],
];

/** Every scenario, in the order in which a run without a name takes them. */
export const scenarios: readonly Scenario[] = [...deliveryScenarios, sessionKills, ...pipelineScenarios];
