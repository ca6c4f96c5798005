const marginPx = 8;
const gapPx = 4;

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}
interface Size {
  width: number;
  height: number;
}

/** The position of a menu: below its button, or above it if there is no room below. It stays inside the window. */
export function menuPosition(
  button: Box,
  menu: Size,
  side: "left" | "right",
  window: Size,
): { left: number; top: number } {
  const within = (value: number, size: number, room: number) =>
    Math.max(marginPx, Math.min(value, room - size - marginPx));
  const below = button.bottom + gapPx;
  const isAbove = below + menu.height > window.height - marginPx;
  return {
    left: within(side === "left" ? button.right - menu.width : button.left, menu.width, window.width),
    top: within(isAbove ? button.top - gapPx - menu.height : below, menu.height, window.height),
  };
}
