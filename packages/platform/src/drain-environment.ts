import { z } from "zod";

/** Variables of the services that load balancers send requests to. */
export const drainEnvironment = {
  /** Time between "not ready" and the end of the service, for load balancers to notice. Most look every few seconds. */
  DRAIN_PAUSE_SECONDS: z.coerce.number().min(0).max(300).default(5),
};
