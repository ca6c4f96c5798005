import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

const styles = readFileSync(new URL("../../src/styles.css", import.meta.url), "utf8");
const colours = new Map(
  [...styles.matchAll(/--color-([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(
    ([, name = "", light = "", dark = ""]) => [name, { light, dark }],
  ),
);
type Theme = "light" | "dark";

/** WCAG 2.2, relative luminance. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((from) => {
    const share = Number.parseInt(colour.slice(from, from + 2), 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
function contrast(one: string, other: string): number {
  const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
}
const colour = (name: string, theme: Theme): string => colours.get(name)?.[theme] ?? "";

const texts = ["ink", "muted", "accent", "danger", "warn", "info"];
const grounds = ["canvas", "surface", "raised", "sunken", "hover", "bubble-in", "bubble-out"];
const pairs = [
  ...texts.flatMap((text) => grounds.map((ground) => [text, ground] as const)),
  ...["accent", "danger", "warn", "info"].map((name) => [name, `${name}-soft`] as const),
  ["on-accent", "accent"] as const,
];

for (const theme of ["light", "dark"] as const) {
  test(`every text colour has a contrast of 4.5:1 on every ground of the ${theme} theme`, () => {
    const faint = pairs.filter(([text, ground]) => contrast(colour(text, theme), colour(ground, theme)) < 4.5);
    expect(faint).toEqual([]);
  });

  test(`the ticks of read messages have a contrast of 3:1 in the bubbles of the ${theme} theme`, () => {
    expect(contrast(colour("read", theme), colour("bubble-out", theme))).toBeGreaterThanOrEqual(3);
  });
}
