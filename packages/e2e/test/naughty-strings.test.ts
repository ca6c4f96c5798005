import { naughtyStrings, unstorableStrings } from "@syszap/testing";
import { expect } from "vitest";
import { z } from "zod";
import { browserTest, type Inbox } from "../src/browser-test.ts";
import { type Company, commandPhone, demoOwner, newNumber, sentBy } from "../src/company.ts";
import { readConversation } from "../src/conversation.ts";

const Bodies = z.object({ items: z.array(z.object({ body: z.string() })), next: z.string().nullable() });
const deadlineMs = 120_000;

/** Creates a session and a chat that a customer started. */
async function startChat(company: Company, name: string) {
  const { id: sessionId } = await company.linkedSession(name);
  const from = newNumber();
  const body = `oi de ${from}`;
  const { data } = await company.receive(sessionId, { from, name, body });
  return { sessionId, from, body, chatId: String(data.Chat_Id) };
}

/** Reads all texts of a chat through REST, oldest first. */
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

/** Waits until the open chat has the text as its newest message and returns the texts of all messages. */
async function shown(inbox: Inbox, newest: string): Promise<string[]> {
  await inbox.byId("message").first().waitFor();
  let texts: string[] = [];
  const isComplete = async () => {
    texts = await readConversation(inbox);
    return texts.at(-1) === newest;
  };
  await expect.poll(isComplete, { timeout: deadlineMs, interval: 100 }).toBe(true);
  return texts;
}

browserTest(
  "naughty strings from WhatsApp reach Postgres, REST, socket and page unchanged; U+FFFD replaces unstorable characters",
  {
    timeout: 300_000,
  },
  async ({ inbox, company }) => {
    const { sessionId, from, body: first, chatId } = await startChat(company, "Quem cola qualquer coisa");
    await inbox.logIn(demoOwner());
    await inbox.chat(chatId).click();
    await inbox.message(first).waitFor();

    const sent = [...naughtyStrings, ...unstorableStrings.map(([text]) => text)];
    const stored = [...naughtyStrings, ...unstorableStrings.map(([, text]) => text)];
    const received: unknown[] = [];
    const allReceived = company.next(({ type, data }) => {
      if (type === "new_message" && data.Chat_Id === chatId) received.push(data.Body);
      return received.length === sent.length;
    });
    for (const body of sent) await commandPhone(sessionId, "message", { from, body });
    await allReceived;
    // Events may arrive in another order; the page sorts them.
    expect(received.toSorted()).toEqual(stored.toSorted());
    expect(await storedIn(company, chatId)).toEqual([first, ...stored]);
    expect(await shown(inbox, stored.at(-1) ?? "")).toEqual([first, ...stored]);

    await inbox.page.reload();
    expect(await shown(inbox, stored.at(-1) ?? "")).toEqual([first, ...stored]);
  },
);

/** Texts with whitespace at their ends, which programs often trim, and one text for each kind of injection. */
const typed = [
  ...naughtyStrings.filter((text) => text.trim() !== text && text.trim() !== "" && !text.includes("\r")),
  ...["<script>alert(123)</script>", "$& $1 $$ $` {{x}} #{x} :name ?", "%00 \\u0000 \\x00 &#0; \\"],
];

browserTest(
  "naughty strings from composer and REST reach WhatsApp unchanged",
  { timeout: 300_000 },
  async ({ inbox, company }) => {
    const [typing, calling] = [await startChat(company, "Quem digita"), await startChat(company, "Quem programa")];
    const send = (body: string) => company.request("POST", `/v1/chats/${calling.chatId}/messages`, { body });
    // Human pacing would take minutes to send them one by one.
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
    expect(await shown(inbox, typed.at(-1) ?? "")).toEqual([typing.body, ...typed]);
    await expect.poll(() => sentBy(typing.sessionId), { timeout: deadlineMs, interval: 500 }).toEqual(typed);
    await expect.poll(() => sentBy(calling.sessionId), { timeout: deadlineMs }).toEqual([together, ...longest]);
  },
);
