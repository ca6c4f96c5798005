import type { Scenario } from "./scenario.ts";
import { sessionKills } from "./session-kills/scenario.ts";

/** Every scenario, in the order in which a run without a name takes them. */
export const scenarios: readonly Scenario[] = [sessionKills];
