import { z } from "zod";
import { InvalidPageKeyError } from "../errors.ts";

/** End of a page: the sort value of its last row, and the row's id, which orders rows with equal values. */
export interface PageKey {
  value: string;
  id: string;
}
const toPageKey = (key: PageKey): string => `${key.value}_${key.id}`;

/** Throws `InvalidPageKeyError` for a key that no list returned, so that only well-formed values reach a query. */
export function fromPageKey(text: string | undefined, value: RegExp): PageKey | undefined {
  if (text === undefined) return undefined;
  const at = text.lastIndexOf("_");
  const key = { value: text.slice(0, at), id: text.slice(at + 1) };
  if (at < 0 || !value.test(key.value) || !z.uuid().safeParse(key.id).success) throw new InvalidPageKeyError();
  return key;
}

/** Builds a page from `limit + 1` rows: the extra row shows whether there is a next page. */
export function toPage<Row, Item>(
  rows: Row[],
  limit: number,
  shape: { item: (row: Row) => Item; key: (row: Row) => PageKey },
) {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return {
    items: kept.map(shape.item),
    next: rows.length > limit && last !== undefined ? toPageKey(shape.key(last)) : null,
  };
}
