import { endpoints, maxAuditExport } from "../../constants/index.ts";
import { AuditEntry, AuditFilter, AuditRequest } from "../audit.ts";
import type { RouteDefinition } from "../define-route.ts";
import { pageOf } from "../requests.ts";

const shared = { tag: "Audit log", caller: "manager" } as const;

export const auditRoutes = {
  listAuditLog: {
    ...endpoints.listAuditLog,
    ...shared,
    summary: "List who changed what in the company, newest first",
    query: AuditRequest,
    answer: { status: 200, description: "One page.", body: pageOf(AuditEntry) },
  },
  exportAuditLog: {
    ...endpoints.exportAuditLog,
    ...shared,
    summary: `Download the matching entries of the audit log as CSV, at most ${maxAuditExport}`,
    query: AuditFilter,
    answer: {
      status: 200,
      description:
        "UTF-8 with a header line, newest first. Cells that a spreadsheet would read as formulas start with an apostrophe.",
      mediaType: "text/csv",
    },
  },
} as const satisfies Record<string, RouteDefinition>;
