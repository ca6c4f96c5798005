import { expect, test } from "vitest";
import { containsNumberParts, numberSearchParts } from "../src/constants/index.ts";

const finds = (stored: string, search: string) => {
  const parts = numberSearchParts(search);
  return parts !== undefined && containsNumberParts(stored, parts);
};

const written = [
  "11987654321",
  "(11) 98765-4321",
  "011987654321",
  "0 11 98765.4321",
  "0 15 11 98765-4321",
  "+55 11 98765-4321",
  "0055 (11) 98765 4321",
  "11 98765\u20114321",
  "11 98765\u20134321",
  "11 98765\u22124321",
  "\u202A+55 11 98765-4321\u202C",
  "\u206611\u00A098765\u200B4321",
  "１１９８７６５４３２１",
  "1187654321",
  "+55 11 8765-4321",
  "98765-4321",
  "8765-4321",
  "4321",
];

test.for(written)("finds a number with and without the ninth digit by %s", (search) => {
  expect(finds("551187654321", search)).toBe(true);
  expect(finds("5511987654321", search)).toBe(true);
  expect(finds("5521912340000", search)).toBe(false);
});

test("finds numbers of other countries as they are", () => {
  expect(finds("5491144445555", "+54 9 11 4444-5555")).toBe(true);
  expect(finds("5215512345678", "0052 1 55 1234 5678")).toBe(true);
  expect(finds("447911123456", "+44 7911 123456")).toBe(true);
});

test.for(["Ana 2", "", "-", "11 9876x"])("takes %j for a name", (search) => {
  expect(numberSearchParts(search)).toBeUndefined();
});
