import { expect, test } from "vitest";
import { itemForKey, MenuSearch } from "../../src/components/ui/menu-parts/menu-keys.ts";

const labels = ["Editar", "Encaminhar", "Responder", "Éster"];

test("finds items by their first letters, ignoring case and accents", () => {
  const search = new MenuSearch();
  expect(search.find("e", 0, labels, 0)).toBe(1);
  expect(search.find("E", 2, labels, 10_000)).toBe(3);
  expect(search.find("e", 3, labels, 20_000)).toBe(0);
  expect(search.find("x", 0, labels, 30_000)).toBeUndefined();
});

test("takes letters that follow quickly as one word, and a repeated letter as the next item", () => {
  const search = new MenuSearch();
  expect([search.find("e", 2, labels, 0), search.find("n", 3, labels, 100)]).toEqual([3, 1]);
  expect([search.find("e", 2, labels, 5_000), search.find("e", 3, labels, 5_100)]).toEqual([3, 0]);
});

test("ignores keys that are neither a direction nor a character", () => {
  for (const key of ["Enter", " ", "Shift", "F1"]) expect(itemForKey(key, 0, labels, new MenuSearch())).toBeUndefined();
  expect(itemForKey("ArrowUp", -1, labels, new MenuSearch())).toBe(3);
  expect(itemForKey("Home", -1, [], new MenuSearch())).toBeUndefined();
});
