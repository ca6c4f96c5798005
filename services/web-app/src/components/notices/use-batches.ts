import { useEffect, useRef, useState } from "react";
import { Batches } from "../../notices/batches.ts";

/** A function that collects items and passes them to the newest `handle` in batches. */
export function useBatches<Item>(handle: (items: Item[]) => void, intervalMs?: number): (item: Item) => void {
  const newest = useRef(handle);
  useEffect(() => {
    newest.current = handle;
  });
  const [batches] = useState(() => new Batches<Item>((items) => newest.current(items), intervalMs));
  useEffect(() => () => batches.stop(), [batches]);
  return (item) => batches.add(item);
}
