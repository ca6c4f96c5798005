import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { Menu, MenuItem } from "../../src/components/ui/menu.tsx";

afterEach(cleanup);

const labels = ["Editar", "Encaminhar", "Responder", "Éster"];

function showMenu(): HTMLElement {
  render(
    <Menu label="Ações" icon="…" side="left">
      {() =>
        labels.map((label) => (
          <MenuItem key={label} icon={null} onClick={() => undefined}>
            {label}
          </MenuItem>
        ))
      }
    </Menu>,
  );
  return screen.getByRole("button", { name: "Ações" });
}
const focused = () => document.activeElement?.textContent;
const press = (key: string) => fireEvent.keyDown(document.activeElement ?? document.body, { key });

test("opens by the arrow keys at its first or last item, and Escape returns to the button", () => {
  const button = showMenu();
  for (const [key, item] of [
    ["ArrowDown", "Editar"],
    ["ArrowUp", "Éster"],
  ] as const) {
    button.focus();
    press(key);
    expect(focused()).toBe(item);
    press("Escape");
    expect(document.activeElement).toBe(button);
    expect(screen.queryByRole("menu")).toBeNull();
  }
});

test("moves by arrow keys around the ends, by Home and End, and by the first letter of an item", () => {
  showMenu().focus();
  const after = (key: string) => {
    press(key);
    return focused();
  };
  expect(after("ArrowDown")).toBe("Editar");
  expect(after("End")).toBe("Éster");
  expect(after("ArrowDown")).toBe("Editar");
  expect(after("ArrowUp")).toBe("Éster");
  expect(after("Home")).toBe("Editar");
  expect(after("r")).toBe("Responder");
});
