/// <reference lib="dom" />
import type { Inbox } from "./browser-test.ts";

/** Runs in the page, which renders only the messages in view: scrolls through the open chat and collects their texts. */
async function readRows(): Promise<string[]> {
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const list = document.querySelector('[data-testid="message"]')?.closest("ol");
  let area = list?.parentElement;
  while (area && !/auto|scroll/.test(getComputedStyle(area).overflowY)) area = area.parentElement;
  if (!list || !area) throw new Error("No chat is open.");
  const rows = () => [...list.querySelectorAll<HTMLElement>(":scope > li")];
  const isComplete = () => rows().every((row) => row.getAttribute("aria-setsize") !== "-1");
  do {
    area.scrollTop = 0;
    await painted();
  } while (!isComplete());
  // The messages that were loaded last stand above the visible ones.
  area.scrollTop = 0;
  const texts = new Map<number, string>();
  for (let atEnd = 0; atEnd < 2; area.scrollTop += area.clientHeight / 2) {
    await painted();
    for (const row of rows()) {
      const text = row.querySelector('[data-testid="message-body"]')?.textContent;
      if (typeof text === "string") texts.set(Number(row.getAttribute("aria-posinset")), text);
    }
    if (area.scrollTop + area.clientHeight >= area.scrollHeight - 1) atEnd += 1;
  }
  return [...texts].sort(([one], [other]) => one - other).map(([, text]) => text);
}

/** The texts of all messages of the open chat, oldest first. */
export const readConversation = ({ page }: Inbox): Promise<string[]> => page.evaluate(readRows);
