import type { AuditAction, AuditFilter } from "@syszap/contracts";
import { api } from "../../page/api.ts";
import { usePagedList } from "../../page/list-query.ts";

/** What the page filters by. Days are local dates, `yyyy-mm-dd`; empty: no limit. */
export interface AuditChoice {
  actor: string;
  action: AuditAction | "";
  fromDay: string;
  toDay: string;
}
export const noChoice: AuditChoice = { actor: "", action: "", fromDay: "", toDay: "" };

const pageSize = 50;

/** The time at which a local day begins, or the day after it. */
function startOf(day: string, daysLater = 0): string | undefined {
  const [year, month, date] = day.split("-").map(Number);
  if (!year || !month || !date) return undefined;
  return new Date(year, month - 1, date + daysLater).toISOString();
}

export const filterOf = ({ actor, action, fromDay, toDay }: AuditChoice): AuditFilter => ({
  actor: actor || undefined,
  action: action || undefined,
  from: startOf(fromDay),
  to: startOf(toDay, 1),
});

/** The matching entries of the audit log, newest first. */
export const useAuditLog = (choice: AuditChoice) =>
  usePagedList({
    key: ["audit", choice],
    read: (before, signal) =>
      api.call("listAuditLog", { query: { ...filterOf(choice), before, limit: pageSize } }, { signal }),
  });
