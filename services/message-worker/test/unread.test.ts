import { expect } from "vitest";
import { type Company, messageJob, type TestEnvironment, test } from "./fixtures.ts";

const startMs = 1_700_000_000_000;

/** Receives messages in this order: `in` or `out`, with its second. Returns the number of unread messages. */
async function unreadAfter(environment: TestEnvironment, acme: Company, messages: readonly ["in" | "out", number][]) {
  for (const [direction, second] of messages) {
    const body = `${direction} ${second}`;
    const job = { direction: direction === "in" ? 0 : 1, body, timestampMs: startMs + second * 1_000 } as const;
    await environment.add("message", messageJob(acme, job));
    await acme.events.next(({ type, data }) => type === "new_message" && "Body" in data && data.Body === body);
  }
  const { items } = await environment.db.withCompany(acme.companyId, ({ chats }) => chats.list({ limit: 1 }));
  return items[0]?.unreadCount;
}

test.for<[string, ["in" | "out", number][], number]>([
  [
    "an answer that was written on the phone",
    [
      ["in", 1],
      ["in", 2],
      ["in", 3],
      ["out", 4],
    ],
    0,
  ],
  [
    "a message after the answer",
    [
      ["in", 1],
      ["out", 2],
      ["in", 3],
    ],
    1,
  ],
  [
    "an answer that arrives late",
    [
      ["in", 1],
      ["in", 5],
      ["in", 6],
      ["out", 2],
    ],
    2,
  ],
  [
    "messages from before an answer that arrive late",
    [
      ["out", 9],
      ["in", 1],
      ["in", 10],
      ["in", 2],
    ],
    1,
  ],
  [
    "newer messages first, as a recovery reads them",
    [
      ["in", 5],
      ["in", 6],
      ["in", 1],
      ["out", 2],
      ["in", 3],
    ],
    3,
  ],
])("counts as unread what came after %s", async ([, messages, unread], { environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  expect(await unreadAfter(environment, acme, messages)).toBe(unread);
});

test("counts as unread what came after the owner read the chat on the phone", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  await unreadAfter(environment, acme, [
    ["in", 1],
    ["in", 5],
  ]);
  const { companyId, sessionId } = acme;
  const read = { companyId, sessionId, waChatId: "5511988887777@c.us", timestampMs: startMs + 3_000 };
  await environment.add("read", read);
  await acme.events.next(
    ({ type, data }) => type === "chat_update" && "Unread_Count" in data && data.Unread_Count === 1,
  );
  expect(await unreadAfter(environment, acme, [["in", 2]])).toBe(1);
  expect(await unreadAfter(environment, acme, [["in", 6]])).toBe(2);
});

test.for([
  ["the chat that stays", "5511988887777", "88123456789012"],
  ["the chat that is merged away", "88123456789012", "5511988887777"],
])(
  "an answer in %s answers what came before it in the other chat",
  async ([, answered = "", other = ""], { environment }) => {
    const acme = await environment.openCompany();
    await environment.startWorker();
    const { companyId, sessionId } = acme;
    const receive = async (number: string, direction: 0 | 1, second: number) => {
      const client = number.startsWith("88") ? { number, lid: number, name: null } : { number, name: null };
      const waChatId = number.startsWith("88") ? `${number}@lid` : `${number}@c.us`;
      const job = { client, waChatId, direction, body: `at ${second}`, timestampMs: startMs + second * 1_000 };
      await environment.add("message", messageJob(acme, job));
      await acme.events.next(({ type, data }) => type === "new_message" && "Body" in data && data.Body === job.body);
    };
    for (const second of [1, 2, 7]) await receive(other, 0, second);
    await receive(answered, 1, 5);
    const contact = { number: "5511988887777", lid: "88123456789012", name: "Ana" };
    await environment.add("contact", { companyId, sessionId, ...contact, timestampMs: startMs });
    await acme.events.next(({ type, data }) => type === "chat_update" && "Merged_Into" in data);
    const unread = async () =>
      (await environment.db.withCompany(companyId, ({ chats }) => chats.list({ limit: 1 }))).items[0]?.unreadCount;
    expect(await unread()).toBe(1);
    await receive("5511988887777", 0, 3);
    expect(await unread()).toBe(1);
  },
);

test("finds a chat that the phone names by the client's other id", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  const { companyId, sessionId } = acme;
  const client = { number: "88123456789012", lid: "88123456789012", name: null };
  await environment.add("message", messageJob(acme, { client, waChatId: "88123456789012@lid", timestampMs: startMs }));
  await acme.events.next(({ type }) => type === "new_message");
  const contact = { number: "5511988887777", lid: client.lid, name: "Ana" };
  await environment.add("contact", { companyId, sessionId, ...contact, timestampMs: startMs });
  await acme.events.next(({ type, data }) => type === "client_update" && "Name" in data && data.Name === "Ana");
  const unreadIds = await environment.db.withCompany(companyId, ({ chats }) => chats.unreadIdsOf(sessionId));
  expect(unreadIds).toEqual(new Set(["88123456789012@lid", "5511988887777@c.us"]));
  await environment.add("read", { companyId, sessionId, waChatId: "5511988887777@c.us", timestampMs: startMs + 1 });
  await acme.events.next(
    ({ type, data }) => type === "chat_update" && "Unread_Count" in data && data.Unread_Count === 0,
  );
});

test("marks the event of a message that was written while the session was not connected", async ({ environment }) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  await environment.add("message", messageJob(acme, { body: "atrasada", isLate: true }));
  await environment.add("message", messageJob(acme, { body: "na hora" }));
  for (const [body, late] of [
    ["atrasada", true],
    ["na hora", undefined],
  ] as const) {
    const { data } = await acme.events.next(
      ({ type, data }) => type === "new_message" && "Body" in data && data.Body === body,
    );
    expect((data as { Late?: boolean }).Late).toBe(late);
  }
});

test("a call counts as unread and is announced: WhatsApp does not report whether it was answered", async ({
  environment,
}) => {
  const acme = await environment.openCompany();
  await environment.startWorker();
  const call = messageJob(acme, { kind: "system", body: "", content: { call: { isVideo: false } } });
  await environment.add("message", call);
  const { data } = await acme.events.next(({ type }) => type === "new_message");
  expect(data).toMatchObject({ Type: 10, Direction: 0, Content: { call: { isVideo: false } } });
  const { items } = await environment.db.withCompany(acme.companyId, ({ chats }) => chats.list({ limit: 1 }));
  expect(items[0]?.unreadCount).toBe(1);
});
