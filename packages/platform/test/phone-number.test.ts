import { getCountries, getCountryCallingCode, parsePhoneNumberFromString } from "libphonenumber-js/max";
import examples from "libphonenumber-js/mobile/examples";
import { expect, test } from "vitest";
import { canonicalNumber } from "../src/index.ts";

test.each([
  ["a mobile number from before the ninth digit", "551188887777", "5511988887777"],
  ["a current mobile number", "5511988887777", "5511988887777"],
  ["a landline number", "551133334444", "551133334444"],
  ["a number that is too short", "55118888777", "55118888777"],
  ["an area code that does not exist", "550188887777", "550188887777"],
  ["a Mexican mobile number with 1", "5215512345678", "525512345678"],
  ["an Argentinian mobile number with 9", "5491112345678", "541112345678"],
  ["a number of Benin from before 2024", "22997123456", "2290197123456"],
  ["a British number with its trunk prefix", "4407911123456", "447911123456"],
  ["an Italian number, whose 0 belongs to it", "390612345678", "390612345678"],
  ["digits that are no phone number", "82880134910105", "82880134910105"],
])("canonical form of %s", (_case, number, canonical) => {
  expect(canonicalNumber(number)).toBe(canonical);
});

const numbers = getCountries().flatMap((country) => {
  const national = examples[country];
  const code = getCountryCallingCode(country);
  return national === undefined ? [] : [{ country, code, national, number: `${code}${national}` }];
});

test("agrees with libphonenumber about the mobile numbers of all countries, except where two valid forms are one number", () => {
  expect(numbers.length).toBeGreaterThan(200);
  const different = numbers.filter(({ number }) => canonicalNumber(number) !== number);
  expect(different.map(({ country }) => country)).toEqual(["AR"]);
});

test("every form that libphonenumber rewrites to a valid number has the same canonical form", () => {
  const rewritten: string[] = [];
  for (const { code, national, number } of numbers) {
    for (const prefix of ["0", "00", "01", "1", "8", "9", "06", "15"]) {
      const written = `${code}${prefix}${national}`;
      if (parsePhoneNumberFromString(`+${written}`)?.number !== `+${number}` || written === number) continue;
      rewritten.push(written);
      expect(canonicalNumber(written), written).toBe(canonicalNumber(number));
    }
  }
  expect(rewritten.length).toBeGreaterThan(50);
});

test("is idempotent", () => {
  for (const { number } of numbers) expect(canonicalNumber(canonicalNumber(number))).toBe(canonicalNumber(number));
});
