import { expect, test } from "vitest";
import { canonicalNumber } from "../src/index.ts";

test.each([
  ["a mobile number from before the ninth digit", "551188887777", "5511988887777"],
  ["a current mobile number", "5511988887777", "5511988887777"],
  ["a landline number", "551133334444", "551133334444"],
  ["a number that is too short", "55118888777", "55118888777"],
  ["another country's number of the same length", "541188887777", "541188887777"],
  ["an area code that does not exist", "550188887777", "550188887777"],
])("canonical form of %s", (_case, number, canonical) => {
  expect(canonicalNumber(number)).toBe(canonical);
});
