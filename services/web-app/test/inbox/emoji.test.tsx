import { fireEvent, screen, within } from "@testing-library/react";
import i18next from "i18next";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { Composer } from "../../src/components/inbox/composer/composer.tsx";
import { composerModes, drafts, outgoing } from "../../src/page/state.ts";
import { newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show } = preparePage();
beforeEach(() => {
  outgoing.clear();
  composerModes.clear();
  drafts.clear();
});

const field = () => screen.getByTestId<HTMLTextAreaElement>("composer");
const type = (value: string) => {
  field().focus();
  fireEvent.change(field(), { target: { value } });
};
const suggestions = async () => {
  const list = await screen.findByTestId("emoji-suggestions");
  return within(list)
    .getAllByRole("option")
    .map(({ textContent }) => textContent);
};

test("`:name` suggests emoji by their Portuguese names and by those of chats; Enter inserts one and does not send", async () => {
  show(<Composer chatId={newId()} />);
  type("parabéns :coracao");
  const found = await suggestions();
  expect(found.length).toBeLessThanOrEqual(6);
  expect(found.join()).toContain("❤️");
  type("oi :thumbsup");
  expect((await suggestions())[0]).toContain("👍");
  expect(field().getAttribute("aria-activedescendant")).toBe(screen.getAllByRole("option")[0]?.id);
  fireEvent.keyDown(field(), { key: "Enter" });
  expect(field().value).toMatch(/^oi 👍\uFE0F?$/);
  expect(screen.queryByTestId("emoji-suggestions")).toBeNull();
  expect(outgoing.store.get()).toEqual([]);
});

test("arrow keys choose among the suggestions, Escape closes them and keeps the text", async () => {
  show(<Composer chatId={newId()} />);
  type(":cat");
  await suggestions();
  const [first, second] = screen.getAllByRole("option");
  fireEvent.keyDown(field(), { key: "ArrowDown" });
  expect([first, second].map((option) => option?.getAttribute("aria-selected"))).toEqual(["false", "true"]);
  fireEvent.keyDown(field(), { key: "ArrowUp" });
  expect(first?.getAttribute("aria-selected")).toBe("true");
  fireEvent.keyDown(field(), { key: "Escape" });
  expect(screen.queryByTestId("emoji-suggestions")).toBeNull();
  expect(field().value).toBe(":cat");
});

test("`:name:` becomes the emoji, and times and addresses suggest nothing", async () => {
  show(<Composer chatId={newId()} />);
  type("às 10:30");
  type("http://host:8080");
  expect(screen.queryByTestId("emoji-suggestions")).toBeNull();
  type(":tada:");
  await expect.poll(() => field().value).toBe("🎉");
});

test("the picker is used by keyboard alone: search, arrows, Enter, Escape; it remembers what was chosen", async () => {
  // As in newer browsers, whose scrolling methods return a promise.
  const { scrollIntoView } = Element.prototype;
  Element.prototype.scrollIntoView = (() => Promise.resolve()) as never;
  onTestFinished(() => {
    Element.prototype.scrollIntoView = scrollIntoView;
  });
  show(<Composer chatId={newId()} />);
  const open = () => fireEvent.click(screen.getByTestId("emoji-open"));
  open();
  const search = await screen.findByTestId("emoji-search");
  expect(document.activeElement).toBe(search);
  fireEvent.change(search, { target: { value: "bolo" } });
  const options = screen.getAllByRole("option");
  expect(options[0]?.getAttribute("aria-selected")).toBe("true");
  fireEvent.keyDown(search, { key: "ArrowRight" });
  expect(search.getAttribute("aria-activedescendant")).toBe(options[1]?.id);
  fireEvent.keyDown(search, { key: "ArrowLeft" });
  fireEvent.keyDown(search, { key: "Enter" });
  const chosen = options[0]?.textContent ?? "";
  expect(field().value).toBe(chosen);
  expect(document.activeElement).toBe(field());
  open();
  await screen.findByTestId("emoji-search");
  expect(screen.getAllByRole("option").map(({ textContent }) => textContent)).toEqual([chosen]);
  fireEvent.keyDown(screen.getByTestId("emoji-search"), { key: "Escape" });
  expect(screen.queryByTestId("emoji-picker")).toBeNull();
  expect(document.activeElement).toBe(field());
});

test("the picker has English names in English", async () => {
  await i18next.changeLanguage("en");
  show(<Composer chatId={newId()} />);
  fireEvent.click(screen.getByTestId("emoji-open"));
  fireEvent.change(await screen.findByTestId("emoji-search"), { target: { value: "birthday cake" } });
  expect(screen.getAllByRole("option")[0]?.getAttribute("aria-label")).toBe("birthday cake");
});

test.for([
  ["b", false, "*bom dia*"],
  ["i", false, "_bom dia_"],
  ["X", true, "~bom dia~"],
  ["e", false, "`bom dia`"],
] as const)("Ctrl+%s formats the selected text, and removes the format again", ([key, shiftKey, formatted]) => {
  show(<Composer chatId={newId()} />);
  type("bom dia ");
  field().setSelectionRange(0, 8);
  fireEvent.keyDown(field(), { key, shiftKey, ctrlKey: true });
  expect(field().value).toBe(`${formatted} `);
  expect(field().value.slice(field().selectionStart, field().selectionEnd)).toBe("bom dia");
  fireEvent.keyDown(field(), { key, shiftKey, ctrlKey: true });
  expect(field().value).toBe("bom dia ");
});
