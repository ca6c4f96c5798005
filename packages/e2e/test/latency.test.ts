/// <reference lib="dom" />
import { expect } from "vitest";
import { browserTest } from "../src/browser-test.ts";
import { demoOwner, newNumber, order } from "../src/company.ts";

const messages = 240;
/** The first ones still compile code and open connections. */
const warmUp = 20;
const p50LimitMs = 50;

declare global {
  /** Resolves with the time at which an element with this text came into the page. */
  var whenShown: (text: string) => Promise<number>;
}

/** Runs in the page: notes the time of every message that comes into the document. */
function watchMessages(): void {
  const shownAt = new Map<string, number>();
  const waiting = new Map<string, (at: number) => void>();
  const look = (element: Element) => {
    for (const body of element.querySelectorAll('[data-testid="message-body"]')) {
      const text = body.textContent ?? "";
      if (shownAt.has(text)) continue;
      shownAt.set(text, Date.now());
      waiting.get(text)?.(Date.now());
    }
  };
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node instanceof Element) look(node);
  }).observe(document, { childList: true, subtree: true });
  globalThis.whenShown = (text) =>
    new Promise((resolve) => {
      const known = shownAt.get(text);
      if (known === undefined) waiting.set(text, resolve);
      else resolve(known);
    });
}

/** Runs in the page: resolves when the message before is painted, so that its painting is not measured as the delay of this one. */
const atRest = () => new Promise<void>((resolve) => requestAnimationFrame(() => requestIdleCallback(() => resolve())));

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

browserTest(
  "half of all messages are in the page within 50 ms of being written",
  { timeout: 180_000 },
  async ({ inbox, company }) => {
    const session = await company.linkedSession("Loja rápida");
    const from = newNumber();
    const first = await company.receive(session.id, { from, name: "Cliente Rápido", body: `começo ${from}` });
    await inbox.logIn(demoOwner());
    await inbox.chat(first.data.Chat_Id).click();
    await inbox.message(`começo ${from}`).waitFor();
    await inbox.page.evaluate(watchMessages);
    const delays: number[] = [];
    for (let number = 1; number <= messages; number++) {
      const body = `${number} de ${from}`;
      await inbox.page.evaluate(atRest);
      const shown = inbox.page.evaluate((text) => globalThis.whenShown(text), body);
      const { emittedAtMs } = await order(session.id, "message", { from, body });
      delays.push((await shown) - emittedAtMs);
    }
    const sorted = delays.slice(warmUp).sort((a, b) => a - b);
    const [p50, p99] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
    process.stdout.write(`emit to DOM over ${sorted.length} messages: p50 ${p50} ms, p99 ${p99} ms\n`);
    expect(sorted.length).toBeGreaterThanOrEqual(200);
    expect(p50).toBeLessThan(p50LimitMs);
  },
);
