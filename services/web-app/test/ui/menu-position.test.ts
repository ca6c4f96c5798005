import { expect, test } from "vitest";
import { menuPosition } from "../../src/components/ui/menu-parts/menu-position.ts";

const window = { width: 400, height: 600 };
const menu = { width: 200, height: 150 };
const buttonAt = (left: number, top: number) => ({ left, top, right: left + 32, bottom: top + 32 });

test.for([
  ["below its button", buttonAt(40, 100), "right", { left: 40, top: 136 }],
  ["to the left, aligned with the right edge of its button", buttonAt(300, 100), "left", { left: 132, top: 136 }],
  ["above its button if there is no room below", buttonAt(40, 500), "right", { left: 40, top: 346 }],
  ["inside the window if its button is at the edge", buttonAt(390, 100), "right", { left: 192, top: 136 }],
  ["inside the window if its button is scrolled out of view", buttonAt(40, -300), "right", { left: 40, top: 8 }],
] as const)("a menu opens %s", ([, button, side, position]) => {
  expect(menuPosition(button, menu, side, window)).toEqual(position);
});
