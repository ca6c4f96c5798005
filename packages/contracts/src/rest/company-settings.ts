import { z } from "zod";
import { minKeepDays } from "../constants/limits.ts";
import { AgentReach, SecondFactorPolicy } from "../vocabulary.ts";

const zones = new Set([...Intl.supportedValuesOf("timeZone"), "UTC"]);
/** A name of the IANA time zone database. */
export const TimeZone = z
  .string()
  .max(64)
  .refine((name) => zones.has(name), "must be the name of a time zone, such as America/Sao_Paulo");

const KeepDays = z.number().int().min(minKeepDays).max(36_500).nullable();
const keepFields = {
  keepMessagesDays: KeepDays.describe("days after which messages and their files are deleted for good. null: never"),
  keepFilesDays: KeepDays.describe("days after which files of messages are deleted for good. null: with the message"),
  keepAuditDays: KeepDays.describe(
    "days after which entries of the audit log are deleted. null: as the platform is set",
  ),
};

/** The company of the caller and its settings. */
export const CompanySettings = z.object({
  id: z.uuid(),
  name: z.string(),
  agentsSee: AgentReach.describe(
    "chats that agents see. all: every chat; team: chats of sessions that their teams or no team serve; own: of these, their own and the unassigned ones. Owners and admins see every chat",
  ),
  timeZone: z.string().describe("where the days of its statistics begin"),
  requireSecondFactor: SecondFactorPolicy.describe(
    "managers: owners and admins must have a second factor; those without one are signed out, and can only set it up",
  ),
  ...keepFields,
});
export type CompanySettings = z.infer<typeof CompanySettings>;

/** Absent fields stay as they are. */
export const UpdateCompanyRequest = z.object({
  agentsSee: AgentReach.optional(),
  timeZone: TimeZone.optional(),
  requireSecondFactor: SecondFactorPolicy.optional().describe("the caller must have a second factor to require it"),
  keepMessagesDays: keepFields.keepMessagesDays.optional(),
  keepFilesDays: keepFields.keepFilesDays.optional(),
  keepAuditDays: keepFields.keepAuditDays.optional(),
});
