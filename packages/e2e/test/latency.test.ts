/// <reference lib="dom" />
import { expect } from "vitest";
import { browserTest } from "../src/browser-test.ts";
import { commandPhone, demoOwner, newNumber } from "../src/company.ts";
import { readConversation } from "../src/conversation.ts";

const messages = 120;
/** Not measured: the first messages still compile code and open connections. */
const warmUp = 20;

declare global {
  /** Resolves with the time at which a message with this text was added to the document. */
  var whenShown: (text: string) => Promise<number>;
}

/** Runs in the page: records when each message is added to the document. */
function watchMessages(): void {
  const shownAt = new Map<string, number>();
  const waiting = new Map<string, (at: number) => void>();
  const record = (element: Element) => {
    for (const body of element.querySelectorAll('[data-testid="message-body"]')) {
      const text = body.textContent ?? "";
      if (shownAt.has(text)) continue;
      shownAt.set(text, Date.now());
      waiting.get(text)?.(Date.now());
    }
  };
  new MutationObserver((changes) => {
    for (const change of changes) for (const node of change.addedNodes) if (node instanceof Element) record(node);
  }).observe(document, { childList: true, subtree: true });
  globalThis.whenShown = (text) =>
    new Promise((resolve) => {
      const known = shownAt.get(text);
      if (known === undefined) waiting.set(text, resolve);
      else resolve(known);
    });
}

/**
 * Runs in the page: resolves when the previous message is painted, so that its painting does not delay the next one.
 */
const whenIdle = () =>
  new Promise<void>((resolve) => requestAnimationFrame(() => requestIdleCallback(() => resolve())));

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;

/**
 * Prints the latency and asserts none: times depend on the machine. `npm run bench -- pipeline` compares them with a
 * reference.
 */
browserTest(
  "messages appear in the open chat in commandPhone, without a reload or a request for messages",
  { timeout: 300_000 },
  async ({ inbox, company }) => {
    const session = await company.linkedSession("Loja rápida");
    const from = newNumber();
    const first = await company.receive(session.id, { from, name: "Cliente Rápido", body: `começo ${from}` });
    await inbox.logIn(demoOwner());
    await inbox.chat(first.data.Chat_Id).click();
    await inbox.message(`começo ${from}`).waitFor();
    await inbox.page.evaluate(watchMessages);
    const requests: string[] = [];
    inbox.page.on("request", (request) => {
      if (request.isNavigationRequest() || /\/messages(\?|$)/.test(request.url())) requests.push(request.url());
    });
    const bodies: string[] = [];
    const delays: number[] = [];
    for (let number = 1; number <= messages; number++) {
      const body = `${number} de ${from}`;
      bodies.push(body);
      await inbox.page.evaluate(whenIdle);
      const shown = inbox.page.evaluate((text) => globalThis.whenShown(text), body);
      const { emittedAtMs } = await commandPhone(session.id, "message", { from, body });
      delays.push((await shown) - emittedAtMs);
    }
    const sorted = delays.slice(warmUp).sort((a, b) => a - b);
    const [p50, p99] = [percentile(sorted, 0.5), percentile(sorted, 0.99)];
    process.stdout.write(`emit to DOM over ${sorted.length} messages: p50 ${p50} ms, p99 ${p99} ms\n`);
    expect(requests).toEqual([]);
    expect((await readConversation(inbox)).slice(-messages)).toEqual(bodies);
  },
);
