import { expect, test } from "vitest";
import { parseCoordinates } from "../../src/lib/parse-coordinates.ts";

const cathedral = { latitude: -23.55052, longitude: -46.633308 };

test.for([
  "-23.55052, -46.633308",
  "-23.55052,-46.633308",
  " -23.55052 -46.633308 ",
  "https://www.google.com/maps/search/?api=1&query=-23.55052,-46.633308",
  "https://www.google.com/maps/search/?api=1&query=-23.55052%2C-46.633308",
  "https://maps.google.com/?q=-23.55052,-46.633308",
  "https://www.google.com/maps/@-23.55052,-46.633308,17z",
  "https://www.google.com/maps/place/X/@-23.5,-46.6,17z/data=!3m1!4b1!4m6!3d-23.55052!4d-46.633308",
])("reads a position from %s", (text) => {
  expect(parseCoordinates(text)).toEqual(cathedral);
});

test.for(["", "Praça da Sé", "91, 0", "0, 181", "12", "-23.55052, ", "https://maps.app.goo.gl/abc"])(
  "finds no position in %j",
  (text) => {
    expect(parseCoordinates(text)).toBeUndefined();
  },
);
