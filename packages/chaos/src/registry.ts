import { clientCuts, halfOpen, pubsubKills, redisCuts } from "./delivery/faults/connections.ts";
import { gatewayKills, redisRestarts, redisWipes } from "./delivery/faults/processes.ts";
import { bursts, crowdReturns, longSleep, slowReader } from "./delivery/faults/readers.ts";
import { clusterMoves, sentinelFailovers } from "./delivery/faults/topologies.ts";
import type { Scenario } from "./framework/scenario.ts";
import { pipelineScenarios } from "./pipeline/scenario.ts";
import { rollingRestarts } from "./rolling-restarts/scenario.ts";
import { sessionKills } from "./session-kills/scenario.ts";

/** Faults on the path of events from publishers to clients. */
export const deliveryScenarios: readonly Scenario[] = [
  ...[clientCuts, redisCuts, halfOpen, pubsubKills],
  ...[gatewayKills, redisRestarts, redisWipes],
  ...[sentinelFailovers, clusterMoves],
  ...[bursts, longSleep, slowReader, crowdReturns],
];

/** All scenarios, in the order in which a run without a name executes them. */
export const scenarios: readonly Scenario[] = [
  ...deliveryScenarios,
  rollingRestarts,
  sessionKills,
  ...pipelineScenarios,
];
