import { expect, test } from "vitest";
import { visibleName } from "../src/index.ts";

const invisible = [
  "\u3164",
  "\u2800",
  "\u200E",
  "\u200B",
  "\u00AD",
  "\u202E",
  "\u034F",
  "\u115F",
  "\uFFA0",
  "\u{1D159}",
  "\uFE0F",
  "\u{E0020}",
  " \t\n",
  "\u0000",
  "",
];

test.for(invisible)("a name of %j shows nothing", (character) => {
  expect(visibleName(character)).toBeNull();
  expect(visibleName(` ${character}${character} `)).toBeNull();
  expect(visibleName(`${character}Ana`)).not.toBeNull();
});

test.for(["Ana", "ﾅﾅ", "مريم", "👩‍🍳", ".", "Zoë\u0308", "김"])(
  "a name of %j is visible and stays unchanged",
  (name) => {
    expect(visibleName(` ${name} `)).toBe(name);
  },
);

test("no name is no visible name", () => {
  expect([visibleName(null), visibleName(undefined)]).toEqual([null, null]);
});
