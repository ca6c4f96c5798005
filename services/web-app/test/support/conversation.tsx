import { fireEvent, screen } from "@testing-library/react";
import { aChat, aMessage, at } from "./builders.ts";

/** Row heights and scrolling, which happy-dom does not have. Returns a function that removes them. */
export function giveLayout(rowHeight: number): () => void {
  const { prototype } = HTMLElement;
  const heightOf = (area: HTMLElement) =>
    Number.parseFloat(area.querySelector<HTMLElement>("[style*=height]")?.style.height ?? "0");
  const properties = {
    offsetHeight: { get: () => rowHeight },
    scrollHeight: { get: heightOfThis },
    scrollTo: { value: scrollThisTo },
  };
  function heightOfThis(this: HTMLElement): number {
    return heightOf(this);
  }
  function scrollThisTo(this: HTMLElement, { top = 0 }: ScrollToOptions): void {
    this.scrollTop = Math.max(0, Math.min(top, heightOf(this) - this.clientHeight));
    setTimeout(() => this.dispatchEvent(new Event("scroll")));
  }
  for (const [name, property] of Object.entries(properties))
    Object.defineProperty(prototype, name, { configurable: true, ...property });
  return () => {
    for (const name of Object.keys(properties)) Reflect.deleteProperty(prototype, name);
  };
}

/** A chat and its messages, oldest first, one per minute. */
export function aConversation(count: number, ...[overrides]: Parameters<typeof aChat>) {
  const chat = aChat(overrides);
  const messages = Array.from({ length: count }, (_, index) =>
    aMessage({
      chatId: chat.id,
      body: `mensagem ${index + 1}`,
      sourceOrder: String(index).padStart(15, "0"),
      timestamp: at(index),
    }),
  );
  return { chat, messages };
}

/** Answers `GET /v1/chats/{id}/messages` as the server does. */
export function pageOf(messages: ReturnType<typeof aConversation>["messages"], path: string) {
  const query = new URL(path, "http://x").searchParams;
  const limit = Number(query.get("limit"));
  const indexOf = (id: string | null) => messages.findIndex((message) => message.id === id);
  const firstAt = (time: string) => messages.findIndex(({ timestamp }) => timestamp >= time);
  const [before, after, around, time] = ["before", "after", "around", "at"].map((name) => query.get(name));
  const middle = time ? firstAt(time) : indexOf(around ?? null);
  let from = messages.length - limit;
  if (before) from = indexOf(before) - limit;
  if (after) from = indexOf(after) + 1;
  if (around || time) from = middle < 0 ? messages.length - limit : middle - Math.floor(limit / 2);
  const to = before ? indexOf(before) : Math.min(messages.length, from + limit);
  const items = messages.slice(Math.max(0, from), to);
  return {
    items: items.toReversed(),
    next: from > 0 ? (items[0]?.id ?? null) : null,
    hasNewer: to < messages.length,
  };
}

/** The texts of the rendered messages, in their order. */
export const shownBodies = (): string[] =>
  screen.queryAllByTestId("message-body").map(({ textContent }) => textContent ?? "");

/** Scrolls the area of an element as a user does. */
export function scrollTo(inside: HTMLElement, top: number): void {
  const area = inside.closest<HTMLElement>("[class*=overflow-y-auto]");
  if (!area) throw new Error("The element is in no scrolling area.");
  area.scrollTop = top;
  fireEvent.scroll(area);
}
