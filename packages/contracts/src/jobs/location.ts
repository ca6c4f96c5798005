import { z } from "zod";
import { Location } from "../message-content.ts";
import { FactKey } from "./parts.ts";

/** The sender of a live location moved, or stopped sharing it. */
export const LocationJob = FactKey.extend({
  latitude: Location.shape.latitude,
  longitude: Location.shape.longitude,
  hasEnded: z.boolean(),
  timestampMs: z.number().int().min(0),
});
export type LocationJob = z.infer<typeof LocationJob>;
