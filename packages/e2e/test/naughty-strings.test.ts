import { naughtyStrings, unstorableStrings } from "@syszap/testing";
import { expect } from "vitest";
import { z } from "zod";
import { browserTest, type Inbox } from "../src/browser-test.ts";
import { type Company, demoOwner, newNumber, order, sentBy } from "../src/company.ts";

const Bodies = z.object({ items: z.array(z.object({ body: z.string() })), next: z.string().nullable() });
const mostWaitMs = 40_000;

/** A chat that a customer began. */
async function beginChat(company: Company, name: string) {
  const { id: sessionId } = await company.linkedSession(name);
  const from = newNumber();
  const body = `oi de ${from}`;
  const { data } = await company.receive(sessionId, { from, name, body });
  return { sessionId, from, body, chatId: String(data.Chat_Id) };
}

/** All texts of a chat by REST, oldest first. */
async function storedIn(company: Company, chatId: string): Promise<string[]> {
  const found: string[] = [];
  for (let before = ""; ; ) {
    const path = `/v1/chats/${chatId}/messages?limit=100${before && `&before=${before}`}`;
    const { items, next } = Bodies.parse(await company.request("GET", path));
    found.push(...items.map(({ body }) => body));
    if (next === null) return found.toReversed();
    before = next;
  }
}

/** All that the open chat shows, once it shows so many. */
async function shown(inbox: Inbox, count: number, ask = async () => {}): Promise<string[]> {
  const bodies = inbox.byId("message-body");
  const counted = async () => {
    await ask();
    return bodies.count();
  };
  await expect.poll(counted, { timeout: mostWaitMs, interval: 100 }).toBe(count);
  return bodies.evaluateAll((elements) => elements.map(({ textContent }) => textContent ?? ""));
}

browserTest(
  "naughty strings come unchanged from WhatsApp to Postgres, REST, socket and page; U+FFFD stands for what can't be kept",
  {
    timeout: 90_000,
  },
  async ({ inbox, company }) => {
    const { sessionId, from, body: first, chatId } = await beginChat(company, "Quem cola qualquer coisa");
    await inbox.logIn(demoOwner());
    await inbox.chat(chatId).click();
    await inbox.message(first).waitFor();

    const sent = [...naughtyStrings, ...unstorableStrings.map(([text]) => text)];
    const kept = [...naughtyStrings, ...unstorableStrings.map(([, text]) => text)];
    const told: unknown[] = [];
    const areTold = company.next(({ type, data }) => {
      if (type === "new_message" && data.Chat_Id === chatId) told.push(data.Body);
      return told.length === sent.length;
    });
    for (const body of sent) await order(sessionId, "message", { from, body });
    await areTold;
    expect(told.toSorted()).toEqual(kept.toSorted()); // the page puts them in order
    expect(await storedIn(company, chatId)).toEqual([first, ...kept]);
    expect(await shown(inbox, kept.length + 1)).toEqual([first, ...kept]);

    await inbox.page.reload();
    const toOldest = () => inbox.byId("message").first().scrollIntoViewIfNeeded();
    expect(await shown(inbox, kept.length + 1, toOldest)).toEqual([first, ...kept]);
  },
);

/** Those whose ends somebody might trim, and one of each kind of trouble. */
const typed = [
  ...naughtyStrings.filter((text) => text.trim() !== text && text.trim() !== "" && !text.includes("\r")),
  ...["<script>alert(123)</script>", "$& $1 $$ $` {{x}} #{x} :name ?", "%00 \\u0000 \\x00 &#0; \\"],
];

browserTest(
  "naughty strings leave unchanged from composer and REST to WhatsApp",
  { timeout: 90_000 },
  async ({ inbox, company }) => {
    const [typing, calling] = [await beginChat(company, "Quem digita"), await beginChat(company, "Quem programa")];
    const send = (body: string) => company.request("POST", `/v1/chats/${calling.chatId}/messages`, { body });
    // One after the other they would take minutes, by the pace of a phone.
    const together = naughtyStrings.filter((text) => text.length < 10_000).join("\n");
    const longest = naughtyStrings.filter((text) => text.length >= 10_000);
    for (const body of [together, ...longest]) await send(body);
    for (const [body] of unstorableStrings) await expect(send(body)).rejects.toThrow("answered 422");
    for (const body of naughtyStrings.filter((text) => text.trim() === ""))
      await expect(send(body)).rejects.toThrow("answered 422");

    await inbox.logIn(demoOwner());
    await inbox.chat(typing.chatId).click();
    await inbox.message(typing.body).waitFor();
    for (const body of typed) {
      await inbox.byId("composer").fill(body);
      await inbox.byId("composer-send").click();
    }
    expect(await shown(inbox, typed.length + 1)).toEqual([typing.body, ...typed]);
    await expect.poll(() => sentBy(typing.sessionId), { timeout: mostWaitMs, interval: 500 }).toEqual(typed);
    await expect.poll(() => sentBy(calling.sessionId), { timeout: mostWaitMs }).toEqual([together, ...longest]);
  },
);
