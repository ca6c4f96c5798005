export interface ForeignKey {
  constraint: string;
  from: string;
  to: string;
}

/**
 * Orders tables so that a table comes before the tables that it refers to. `cycles` has the foreign keys that make this impossible,
 * including those of a table to itself: their columns must be cleared first.
 */
export function orderDeletion(
  tables: readonly string[],
  keys: readonly ForeignKey[],
): { cycles: ForeignKey[]; order: string[] } {
  const known = new Set(tables);
  const cycles: ForeignKey[] = [];
  const order: string[] = [];
  const path = new Set<string>();
  const visited = new Set<string>();

  const visit = (table: string): void => {
    visited.add(table);
    path.add(table);
    for (const key of keys) {
      if (key.from !== table || !known.has(key.to)) continue;
      if (path.has(key.to)) cycles.push(key);
      else if (!visited.has(key.to)) visit(key.to);
    }
    path.delete(table);
    order.unshift(table);
  };
  for (const table of tables) if (!visited.has(table)) visit(table);
  return { cycles, order };
}
