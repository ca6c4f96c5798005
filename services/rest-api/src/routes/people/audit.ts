import { once } from "node:events";
import { type AuditFilter, maxAuditExport } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { Response } from "express";
import { auditActorOf } from "../../auth/audit-actor.ts";
import type { HandlersOf } from "../../endpoint.ts";
import { auditCsvHeader, toAuditCsv } from "../../people/audit-csv.ts";
import { ProblemError } from "../../problem.ts";

const exportBatch = 1_000;

/** The audit log of the caller's company. */
export const auditRoutes = (database: Database): HandlersOf<"listAuditLog" | "exportAuditLog"> => ({
  listAuditLog: ({ query: { before, limit, ...filter }, caller }) =>
    database.withCompany(caller.companyId, ({ auditLog }) => auditLog.list(filter, { before, limit })),

  exportAuditLog: async ({ query: filter, caller, req, res }) => {
    const { companyId } = caller;
    const isTooLarge = await database.withCompany(companyId, async ({ auditLog, audit }) => {
      if (await auditLog.hasMoreThan(maxAuditExport, filter)) return true;
      const target = { kind: "audit_log", id: companyId } as const;
      await audit.record(auditActorOf(caller, req), { action: "audit_exported", target, after: filter });
      return false;
    });
    if (isTooLarge)
      throw new ProblemError("invalid", `More than ${maxAuditExport} entries match. Choose a shorter time.`, {
        errors: [{ path: "from", message: "must be later" }],
      });
    res.type("text/csv; charset=utf-8");
    res.set("Content-Disposition", 'attachment; filename="audit.csv"');
    await sendEntries(database, { companyId, filter }, res);
    return undefined;
  },
});

/** Each batch has its own transaction, so a slow reader holds no connection to the database. */
async function sendEntries(
  database: Database,
  { companyId, filter }: { companyId: string; filter: AuditFilter },
  res: Response,
): Promise<void> {
  let before: string | undefined;
  let isFirst = true;
  do {
    const page = await database.withCompany(companyId, ({ auditLog }) =>
      auditLog.list(filter, { before, limit: exportBatch }),
    );
    const text = (isFirst ? auditCsvHeader : "") + page.items.map(toAuditCsv).join("");
    isFirst = false;
    if (!res.write(text)) await Promise.race([once(res, "drain"), once(res, "close")]);
    before = page.next ?? undefined;
  } while (before !== undefined && !res.destroyed);
  res.end();
}
