import { useState } from "react";
import { useBatches } from "./use-batches.ts";

/** A screen reader speaks for seconds, and a storm of messages must leave it time for what the person is doing. */
const intervalMs = 8_000;

/** A text about new items for screen readers: at once about the first one, then about all that came in each interval. */
export function useAnnouncement<Item>(textOf: (items: Item[]) => string) {
  const [announcement, setAnnouncement] = useState("");
  const add = useBatches<Item>((items) => setAnnouncement(textOf(items)), intervalMs);
  return { announcement, add };
}
