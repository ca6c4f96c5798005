/// <reference lib="dom" />
import type { Inbox } from "./browser-test.ts";

/**
 * Runs in the page, which renders only the messages in view: scrolls through the open chat and collects their texts. Rows that are
 * loaded or measured move the others, so each end is reached when its row is rendered, and not when the scroll position says so.
 */
async function readRows(): Promise<string[]> {
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const list = document.querySelector('[data-testid="message"]')?.closest("ol");
  let area = list?.parentElement;
  while (area && !/auto|scroll/.test(getComputedStyle(area).overflowY)) area = area.parentElement;
  if (!list || !area) throw new Error("No chat is open.");
  const rows = () => [...list.querySelectorAll<HTMLElement>(":scope > li")];
  const positions = () => rows().map((row) => Number(row.getAttribute("aria-posinset")));
  const size = () => Number(rows()[0]?.getAttribute("aria-setsize"));
  const deadline = performance.now() + 120_000;
  const step = async (top: number) => {
    if (performance.now() > deadline)
      throw new Error(
        `No end in sight: position ${area.scrollTop} of ${area.scrollHeight}, rows ${positions()} of ${size()}, ${area.textContent}`,
      );
    area.scrollTop = top;
    await painted();
  };
  // All messages are loaded when their number is known.
  while (size() < 0 || !positions().includes(1)) await step(0);
  const texts = new Map<number, string>();
  for (;;) {
    for (const row of rows()) {
      const text = row.querySelector('[data-testid="message-body"]')?.textContent;
      if (typeof text === "string") texts.set(Number(row.getAttribute("aria-posinset")), text);
    }
    if (positions().includes(size())) break;
    await step(area.scrollTop + area.clientHeight / 2);
  }
  return [...texts].sort(([one], [other]) => one - other).map(([, text]) => text);
}

/** The texts of all messages of the open chat, oldest first. */
export const readConversation = ({ page }: Inbox): Promise<string[]> => page.evaluate(readRows);
