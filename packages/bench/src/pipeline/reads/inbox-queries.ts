import type { Chat, Client } from "@syszap/contracts";
import type { CompanyUnit, Database } from "@syszap/database";
import type { ReadQuery } from "./read-queries.ts";

const [usualPage, largestPage] = [50, 100];
const times = 200;

type List = (
  unit: CompanyUnit,
  page: { before?: string | undefined; limit: number },
) => Promise<{ next: string | null; items: readonly unknown[] }>;

const repeated = (kind: string, run: (unit: CompanyUnit, at: number) => ReturnType<List>): ReadQuery[] =>
  Array.from({ length: times }, (_, at) => ({ kind, run: (unit) => run(unit, at) }));

/** Reads a list to its end and returns the cursors of all pages. */
async function walk(database: Database, companyId: string, list: List): Promise<string[]> {
  const cursors: string[] = [];
  for (let before: string | undefined; ; ) {
    const { next } = await database.withCompany(companyId, (unit) => list(unit, { before, limit: largestPage }));
    if (next === null) return cursors;
    cursors.push(next);
    before = next;
  }
}

/** Queries for first pages and for pages at cursors spread over the whole list. */
const pagesOf = (kind: string, list: List, cursors: readonly string[]): ReadQuery[] => [
  ...repeated(`${kind}, first page`, (unit) => list(unit, { limit: usualPage })),
  ...repeated(`${kind}, first page of ${largestPage}`, (unit) => list(unit, { limit: largestPage })),
  ...repeated(`${kind}, deep page`, (unit, at) =>
    list(unit, { limit: usualPage, before: cursors[Math.floor((at * cursors.length) / times)] }),
  ),
];

/** Pages of the longest chat and of chats spread over the list. */
export async function messagePages(database: Database, companyId: string): Promise<ReadQuery[]> {
  const all = await allChats(database, companyId);
  const lengths = await Promise.all(
    all.slice(0, 100).map(async ({ id }) => ({ id, pages: await walk(database, companyId, messagesOf(id)) })),
  );
  const longest = lengths.toSorted((a, b) => b.pages.length - a.pages.length)[0];
  if (longest === undefined) throw new Error("There are no chats.");
  const spread = (at: number) => all[Math.floor((at * all.length) / times)]?.id ?? "";
  return [
    ...pagesOf(`longest chat (${longest.pages.length * largestPage} messages)`, messagesOf(longest.id), longest.pages),
    ...repeated("any chat, first page", (unit, at) => messagesOf(spread(at))(unit, { limit: usualPage })),
  ];
}
const messagesOf =
  (chatId: string): List =>
  (unit, page) =>
    unit.messages.listBefore(chatId, page);

export async function listPages(database: Database, companyId: string): Promise<ReadQuery[]> {
  const clients: List = (unit, page) => unit.clients.list(page);
  const chats: List = (unit, page) => unit.chats.list(page);
  return [
    ...pagesOf("clients", clients, await walk(database, companyId, clients)),
    ...pagesOf("chats", chats, await walk(database, companyId, chats)),
  ];
}

/** Search terms by difficulty: number of matching clients, and number of characters that an index can use. */
const needles: Record<string, (client: Client) => string> = {
  "a whole name": ({ name }) => name,
  "a whole number": ({ whatsappNumber }) => whatsappNumber ?? "",
  "the end of a number": ({ whatsappNumber }) => (whatsappNumber ?? "").slice(-4),
  "a name of every 20th client": () => "Conceição",
  "the same without accents": () => "conceicao",
  "a name of every 9th client": () => "silva",
  "part of one name": ({ name }) => name.slice(-4),
  "two letters, many": () => "an",
  "two letters, few": ({ name }) => name.slice(-2),
  "two letters, none": () => "qz",
  "two digits, many": () => "55",
  "one letter": () => "a",
  "a name without matches": () => "Zwqxy Kjhgf",
  "a number without matches": () => "+55 (11) 00000-0000",
};

export async function searches(database: Database, companyId: string): Promise<ReadQuery[]> {
  const known = (await allChats(database, companyId)).map(({ client }) => client);
  const spread = (at: number): Client => {
    const client = known[Math.floor((at * known.length) / times)];
    if (!client) throw new Error("There are no clients.");
    return client;
  };
  const limit = usualPage;
  return Object.entries(needles).flatMap(([kind, needle]) => [
    ...repeated(`clients: ${kind}`, (unit, at) => unit.clients.list({ limit }, needle(spread(at)))),
    ...repeated(`chats: ${kind}`, (unit, at) => unit.chats.list({ limit, search: needle(spread(at)) })),
  ]);
}

async function allChats(database: Database, companyId: string): Promise<Chat[]> {
  const found: Chat[] = [];
  for (let before: string | undefined; ; ) {
    const { items, next } = await database.withCompany(companyId, ({ chats }) =>
      chats.list({ before, limit: largestPage }),
    );
    found.push(...items);
    if (next === null) return found;
    before = next;
  }
}
