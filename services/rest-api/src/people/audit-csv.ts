import type { AuditEntry } from "@syszap/contracts";

const columns: Record<string, (entry: AuditEntry) => string | null> = {
  time: ({ occurredAt }) => occurredAt,
  action: ({ action }) => action,
  actor_kind: ({ actor }) => actor.kind,
  actor_id: ({ actor }) => actor.id,
  actor_name: ({ actor }) => actor.name,
  login_id: ({ actor }) => actor.loginId,
  address: ({ actor }) => actor.address,
  target_kind: ({ target }) => target?.kind ?? null,
  target_id: ({ target }) => target?.id ?? null,
  target_name: ({ target }) => target?.name ?? null,
  before: ({ before }) => before && JSON.stringify(before),
  after: ({ after }) => after && JSON.stringify(after),
};

export const auditCsvHeader = `${Object.keys(columns).join(",")}\r\n`;

/** One line of CSV (RFC 4180). */
export const toAuditCsv = (entry: AuditEntry): string =>
  `${Object.values(columns)
    .map((read) => toCell(read(entry) ?? ""))
    .join(",")}\r\n`;

/** Spreadsheets run cells that start with one of these characters as formulas; an apostrophe prevents it. */
const formulaStart = /^[=+\-@\t\r]/;

function toCell(value: string): string {
  const safe = formulaStart.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
