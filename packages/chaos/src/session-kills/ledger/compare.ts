/** A message as WhatsApp has it, in WhatsApp's order. */
export interface LedgerEntry {
  phone: string;
  key: string;
  isOurs: boolean;
  /** Of the person that the chat is with. */
  number: string;
  body: string;
  /** Of ours: 1 accepted, 2 delivered, 3 read. */
  ack: number;
  /** In hex; null where there is no file. */
  sha256: string | null;
}
/** A message as Postgres has it, in the order in which pages show it. */
export interface StoredEntry {
  id: string;
  phone: string;
  key: string;
  isOurs: boolean;
  number: string;
  body: string;
  status: string | null;
  /** It began here, as a row to send. */
  wasQueued: boolean;
  sha256: string | null;
  missingFile: string | null;
}
export interface Books {
  ledger: readonly LedgerEntry[];
  stored: readonly StoredEntry[];
  /** How often browsers were told of each stored message, by its id. */
  told: ReadonlyMap<string, number>;
}

const statuses: Record<number, string> = { 1: "sent", 2: "delivered", 3: "read", 4: "played" };
const mostNamed = 8;
type Named = Pick<LedgerEntry, "phone" | "key" | "isOurs">;
const keyOf = ({ phone, key, isOurs }: Named) => `${phone} ${isOurs ? "out" : "in"} ${key}`;
const chatOf = ({ phone, number }: { phone: string; number: string }) => `${phone} with ${number}`;

/** Sentences about every difference; none when each message is there exactly once, as it was, where it was. */
export function compareBooks(books: Books): string[] {
  return [
    ...some("lost", lost(books)),
    ...some("doubled", doubled(books)),
    ...some("never delivered", unknownToWhatsApp(books)),
    ...some("wrong", wrong(books)),
    ...some("out of order", outOfOrder(books)),
    ...some("told wrongly", toldWrongly(books)),
  ];
}

function lost({ ledger, stored }: Books): string[] {
  const known = new Set(stored.map(keyOf));
  return ledger.filter((entry) => !known.has(keyOf(entry))).map((entry) => `${describe(entry)} is not in Postgres`);
}

function doubled({ ledger, stored }: Books): string[] {
  const twice = (what: string, entries: readonly { phone: string; body: string }[]) =>
    [...grouped(entries, ({ phone, body }) => `${phone} ${body}`)]
      .filter(([, same]) => same.length > 1 && same[0]?.body !== "")
      .map(([name, same]) => `"${name}" is ${same.length} times ${what}`);
  return [...twice("in Postgres", stored), ...twice("in WhatsApp", ledger)];
}

function unknownToWhatsApp({ ledger, stored }: Books): string[] {
  const known = new Set(ledger.map(keyOf));
  return stored
    .filter((entry) => !known.has(keyOf(entry)))
    .map((entry) => `${describe(entry)} (${entry.status ?? "received"}) is in Postgres, not in WhatsApp`);
}

function wrong({ ledger, stored }: Books): string[] {
  const byKey = new Map(stored.map((entry) => [keyOf(entry), entry]));
  return ledger.flatMap((entry) => {
    const row = byKey.get(keyOf(entry));
    if (!row) return [];
    const file = row.missingFile === null ? row.sha256 : `missing: ${row.missingFile}`;
    return [
      ...difference(entry, "body", { is: row.body, wanted: entry.body }),
      ...difference(entry, "chat", { is: row.number, wanted: entry.number }),
      ...difference(entry, "file", { is: file, wanted: entry.sha256 }),
      ...difference(entry, "status", { is: row.status, wanted: entry.isOurs ? (statuses[entry.ack] ?? null) : null }),
    ];
  });
}

/** In each chat: what came in, what was written on the phone, and what we queued, each among themselves. */
function outOfOrder({ ledger, stored }: Books): string[] {
  const queued = new Set(stored.filter(({ wasQueued }) => wasQueued).map(keyOf));
  const inBoth = new Set(ledger.map(keyOf));
  const known = new Set(stored.map(keyOf));
  const laneOf = (entry: Named & { number: string }) =>
    `${chatOf(entry)}, ${queued.has(keyOf(entry)) ? "answers" : entry.isOurs ? "written on the phone" : "received"}`;
  const wanted = grouped(
    ledger.filter((entry) => known.has(keyOf(entry))),
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
    return entry && row ? [`${lane}: "${row.body}" stands where "${entry.body}" should`] : [];
  });
}

function toldWrongly({ stored, told }: Books): string[] {
  return stored.flatMap((entry) => {
    const times = told.get(entry.id) ?? 0;
    return times === 1 ? [] : [`browsers were told ${times} times of ${describe(entry)}`];
  });
}

const difference = (entry: LedgerEntry, what: string, { is, wanted }: Record<"is" | "wanted", string | null>) =>
  is === wanted ? [] : [`${describe(entry)} has the ${what} ${said(is)} instead of ${said(wanted)}`];
const said = (value: string | null) => (value === null ? "none" : `"${value}"`);
const describe = (entry: Named & { number: string; body: string }) =>
  `${entry.isOurs ? "to" : "from"} ${entry.number} on ${entry.phone}: "${entry.body}" (${entry.key})`;

/** A thousand lost messages make one fault, not a thousand lines. */
const some = (what: string, sentences: readonly string[]): string[] => [
  ...sentences.slice(0, mostNamed).map((sentence) => `${what}: ${sentence}`),
  ...(sentences.length > mostNamed ? [`${what}: ${sentences.length - mostNamed} more`] : []),
];

function grouped<Item>(items: readonly Item[], nameOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(nameOf(item), [...(groups.get(nameOf(item)) ?? []), item]);
  return groups;
}
