/** A message in WhatsApp, in WhatsApp's order. */
export interface WhatsAppMessage {
  phone: string;
  key: string;
  isOurs: boolean;
  /** Number of the contact. */
  number: string;
  body: string;
  /** For sent messages: 1 accepted, 2 delivered, 3 read. */
  ack: number;
  /** Hash of the file in hex; null without a file. */
  sha256: string | null;
}

/** A message in Postgres, in the order in which pages show it. */
export interface StoredMessage {
  id: string;
  phone: string;
  key: string;
  isOurs: boolean;
  number: string;
  body: string;
  status: string | null;
  /** True if it was sent by the product and not on the phone. */
  wasQueued: boolean;
  sha256: string | null;
  missingFile: string | null;
}

/** The three records that must agree. */
export interface MessageRecords {
  inWhatsApp: readonly WhatsAppMessage[];
  stored: readonly StoredMessage[];
  /** Number of `new_message` events by id of the stored message. */
  published: ReadonlyMap<string, number>;
}

const statuses: Record<number, string> = { 1: "sent", 2: "delivered", 3: "read", 4: "played" };
const maxListed = 8;
type MessageIdentity = Pick<WhatsAppMessage, "phone" | "key" | "isOurs">;
const keyOf = ({ phone, key, isOurs }: MessageIdentity) => `${phone} ${isOurs ? "out" : "in"} ${key}`;
const chatOf = ({ phone, number }: { phone: string; number: string }) => `${phone} with ${number}`;

/** One sentence per difference. Empty if every message is stored and published exactly once, unchanged and in order. */
export function compareMessages(records: MessageRecords): string[] {
  return [
    ...some("lost", lost(records)),
    ...some("duplicate", duplicate(records)),
    ...some("never delivered", unknownToWhatsApp(records)),
    ...some("wrong", wrong(records)),
    ...some("out of order", outOfOrder(records)),
    ...some("published wrongly", publishedWrongly(records)),
  ];
}

function lost({ inWhatsApp, stored }: MessageRecords): string[] {
  const known = new Set(stored.map(keyOf));
  return inWhatsApp.filter((entry) => !known.has(keyOf(entry))).map((entry) => `${describe(entry)} is not in Postgres`);
}

function duplicate({ inWhatsApp, stored }: MessageRecords): string[] {
  const duplicates = (where: string, entries: readonly { phone: string; body: string }[]) =>
    [...grouped(entries, ({ phone, body }) => `${phone} ${body}`)]
      .filter(([, same]) => same.length > 1 && same[0]?.body !== "")
      .map(([name, same]) => `"${name}" is ${same.length} times ${where}`);
  return [...duplicates("in Postgres", stored), ...duplicates("in WhatsApp", inWhatsApp)];
}

function unknownToWhatsApp({ inWhatsApp, stored }: MessageRecords): string[] {
  const known = new Set(inWhatsApp.map(keyOf));
  return stored
    .filter((entry) => !known.has(keyOf(entry)))
    .map((entry) => `${describe(entry)} (${entry.status ?? "received"}) is in Postgres, not in WhatsApp`);
}

function wrong({ inWhatsApp, stored }: MessageRecords): string[] {
  const byKey = new Map(stored.map((entry) => [keyOf(entry), entry]));
  return inWhatsApp.flatMap((entry) => {
    const row = byKey.get(keyOf(entry));
    if (!row) return [];
    const file = row.missingFile === null ? row.sha256 : `missing: ${row.missingFile}`;
    return [
      ...difference(entry, "body", { actual: row.body, expected: entry.body }),
      ...difference(entry, "chat", { actual: row.number, expected: entry.number }),
      ...difference(entry, "file", { actual: file, expected: entry.sha256 }),
      ...difference(entry, "status", {
        actual: row.status,
        expected: entry.isOurs ? (statuses[entry.ack] ?? null) : null,
      }),
    ];
  });
}

/** Compares the order within each chat, separately for received messages, messages written on the phone and answers. */
function outOfOrder({ inWhatsApp, stored }: MessageRecords): string[] {
  const queued = new Set(stored.filter(({ wasQueued }) => wasQueued).map(keyOf));
  const inBoth = new Set(inWhatsApp.map(keyOf));
  const known = new Set(stored.map(keyOf));
  const laneOf = (entry: MessageIdentity & { number: string }) =>
    `${chatOf(entry)}, ${queued.has(keyOf(entry)) ? "answers" : entry.isOurs ? "written on the phone" : "received"}`;
  const wanted = grouped(
    inWhatsApp.filter((entry) => known.has(keyOf(entry))),
    laneOf,
  );
  const shown = grouped(
    stored.filter((entry) => inBoth.has(keyOf(entry))),
    laneOf,
  );
  return [...wanted].flatMap(([lane, entries]) => {
    const rows = shown.get(lane) ?? [];
    const at = entries.findIndex((entry, index) => rows[index] === undefined || keyOf(rows[index]) !== keyOf(entry));
    const [entry, row] = [entries[at], rows[at]];
    return entry && row ? [`${lane}: "${row.body}" is at the position of "${entry.body}"`] : [];
  });
}

function publishedWrongly({ stored, published }: MessageRecords): string[] {
  return stored.flatMap((entry) => {
    const times = published.get(entry.id) ?? 0;
    return times === 1 ? [] : [`${describe(entry)} was published ${times} times`];
  });
}

const difference = (
  entry: WhatsAppMessage,
  property: string,
  { actual, expected }: Record<"actual" | "expected", string | null>,
) =>
  actual === expected
    ? []
    : [`${describe(entry)} has the ${property} ${quoted(actual)} instead of ${quoted(expected)}`];
const quoted = (value: string | null) => (value === null ? "none" : `"${value}"`);
const describe = (entry: MessageIdentity & { number: string; body: string }) =>
  `${entry.isOurs ? "to" : "from"} ${entry.number} on ${entry.phone}: "${entry.body}" (${entry.key})`;

/** Lists at most `maxListed` differences of one kind. */
export const some = (kind: string, sentences: readonly string[]): string[] => [
  ...sentences.slice(0, maxListed).map((sentence) => `${kind}: ${sentence}`),
  ...(sentences.length > maxListed ? [`${kind}: ${sentences.length - maxListed} more`] : []),
];

function grouped<Item>(items: readonly Item[], nameOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(nameOf(item), [...(groups.get(nameOf(item)) ?? []), item]);
  return groups;
}
