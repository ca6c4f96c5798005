/// <reference lib="dom" />
import { expect } from "vitest";
import { browserTest } from "../src/browser-test.ts";
import { commandPhone, demoOwner, newNumber } from "../src/company.ts";
import { readConversation } from "../src/conversation.ts";

const [messages, everyMs] = [1_000, 10];
const otherChats = 9;
const maxElements = 2_500;

declare global {
  /** The largest number of elements that the document had. */
  var mostElements: number;
}

/** Runs in the page. */
function watchElements(): void {
  const count = () => {
    const { length } = document.getElementsByTagName("*");
    globalThis.mostElements = Math.max(globalThis.mostElements ?? 0, length);
  };
  new MutationObserver(count).observe(document, { childList: true, subtree: true });
  count();
}

browserTest(
  "in a storm of 100 messages a second, the page shows every message once and in order, and stays small",
  async ({ inbox, company }) => {
    const session = await company.linkedSession("Loja na tempestade");
    const customers = await Promise.all(
      Array.from({ length: 1 + otherChats }, async (_, index) => {
        const from = newNumber();
        const first = await company.receive(session.id, { from, name: `Cliente ${index}`, body: `começo ${from}` });
        return { from, chatId: String(first.data.Chat_Id), bodies: [`começo ${from}`] };
      }),
    );
    const [open, ...others] = customers;
    await inbox.logIn(demoOwner());
    await inbox.chat(open?.chatId).click();
    await inbox.message(`começo ${open?.from}`).waitFor();
    await inbox.page.evaluate(watchElements);

    // Every second message is in the open chat.
    const ledger = Array.from({ length: messages }, (_, index) => {
      const customer = index % 2 === 0 ? open : others[(index >> 1) % others.length];
      const body = `${index} de ${messages}`;
      customer?.bodies.push(body);
      return { from: customer?.from, body };
    });
    await commandPhone(session.id, "messages", { messages: ledger, everyMs });

    for (const { chatId, bodies } of others)
      await inbox
        .chat(chatId)
        .getByText(bodies.at(-1) ?? "")
        .waitFor();
    await inbox
      .byId("message-body")
      .getByText(open?.bodies.at(-1) ?? "", { exact: true })
      .waitFor();
    expect(await readConversation(inbox)).toEqual(open?.bodies);
    expect(await inbox.page.evaluate(() => globalThis.mostElements)).toBeLessThan(maxElements);
  },
);
