import { z } from "zod";
import { AuditAction, AuditActorKind, AuditTargetKind, Timestamp } from "../vocabulary.ts";
import { PageRequest, StorableTime, storable } from "./requests.ts";

const Settings = z.record(z.string(), z.unknown()).nullable();

/** One action of the audit log. It contains settings, and never messages, passwords or keys. */
export const AuditEntry = z.object({
  id: z.uuid(),
  occurredAt: Timestamp,
  action: AuditAction,
  actor: z.object({
    kind: AuditActorKind,
    id: z.uuid().nullable().describe("the user or operator; for an API key the user it acts for"),
    name: z.string().nullable().describe("present name of the user; null: unknown or an operator"),
    loginId: z.uuid().nullable().describe("the login or API key"),
    address: z.string().nullable().describe("network address"),
  }),
  target: z
    .object({
      kind: AuditTargetKind,
      id: z.string(),
      name: z.string().nullable().describe("present name, if the target is a user"),
    })
    .nullable(),
  before: Settings.describe("changed settings before the action"),
  after: Settings.describe("changed settings after the action"),
});
export type AuditEntry = z.infer<typeof AuditEntry>;

/** Filters are combined with "and". */
export const AuditFilter = z.object({
  actor: z.uuid().optional().describe("id of a user or operator"),
  action: AuditAction.optional(),
  target: storable(z.string().min(1).max(200)).optional().describe("id of the target"),
  from: StorableTime.optional().describe("first time"),
  to: StorableTime.optional().describe("time after the last one"),
});
export type AuditFilter = z.infer<typeof AuditFilter>;
export const AuditRequest = PageRequest.extend(AuditFilter.shape);
