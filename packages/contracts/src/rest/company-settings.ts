import { z } from "zod";
import { AgentReach } from "../vocabulary.ts";

/** The company of the caller and its settings. */
export const CompanySettings = z.object({
  id: z.uuid(),
  name: z.string(),
  agentsSee: AgentReach.describe(
    "chats that agents see. all: every chat; team: chats of sessions that their teams or no team serve; own: of these, their own and the unassigned ones. Owners and admins see every chat",
  ),
});
export type CompanySettings = z.infer<typeof CompanySettings>;

/** Absent fields stay as they are. */
export const UpdateCompanyRequest = z.object({ agentsSee: AgentReach.optional() });
