import type { Database } from "@syszap/database";
import type { Logger, RedisClient } from "@syszap/platform";
import type { Queue } from "bullmq";
import { auditActorOf } from "../../auth/audit-actor.ts";
import type { Companies } from "../../companies/companies.ts";
import type { InviteOwner } from "../../companies/invite-owner.ts";
import type { HandlersOf } from "../../endpoint.ts";
import { readMessageTimeline } from "../../operator/message-timeline.ts";
import { readPlatformHealth } from "../../operator/platform-health.ts";
import { ProblemError } from "../../problem.ts";

interface CompaniesRouteDependencies {
  database: Database;
  redis: RedisClient;
  queue: Queue;
  companies: Companies;
  inviteOwner: InviteOwner;
  log: Logger;
}

export const companyRoutes = ({
  database,
  companies,
  inviteOwner,
  log,
}: Omit<CompaniesRouteDependencies, "redis" | "queue">): HandlersOf<
  | "listCompanies"
  | "createCompany"
  | "getCompany"
  | "renameCompany"
  | "inviteOwner"
  | "suspendCompany"
  | "reopenCompany"
  | "scheduleCompanyDeletion"
  | "cancelCompanyDeletion"
> => ({
  listCompanies: ({ query }) => database.system.companyLifecycle.list(query),

  createCompany: async ({ body, caller, req }) => {
    const actor = auditActorOf(caller, req);
    const { companyId, invitation } = await inviteOwner.createCompany(body.name, body.owner, actor);
    log.info({ operatorId: caller.operatorId, companyId }, "company created");
    return { company: await companies.find(companyId), invitation };
  },

  getCompany: ({ params }) => companies.find(params.id),

  renameCompany: ({ params, body, caller, req }) => companies.rename(params.id, body.name, auditActorOf(caller, req)),

  inviteOwner: async ({ params, body, caller, req }) => {
    await companies.find(params.id);
    return inviteOwner.invite(params.id, body, auditActorOf(caller, req));
  },

  suspendCompany: async ({ params: { id }, caller, req }) => {
    const company = await companies.suspend(id, auditActorOf(caller, req));
    log.info({ operatorId: caller.operatorId, companyId: id }, "company suspended");
    return company;
  },

  reopenCompany: async ({ params: { id }, caller, req }) => {
    const company = await companies.reopen(id, auditActorOf(caller, req));
    log.info({ operatorId: caller.operatorId, companyId: id }, "company reopened");
    return company;
  },

  scheduleCompanyDeletion: async ({ params: { id }, body, caller, req }) => {
    const company = await companies.scheduleDeletion(id, body.name, auditActorOf(caller, req));
    log.info(
      { operatorId: caller.operatorId, companyId: id, dueAt: company.deletionDueAt },
      "deletion of a company scheduled",
    );
    return company;
  },

  cancelCompanyDeletion: async ({ params: { id }, caller, req }) => {
    const company = await companies.cancelDeletion(id, auditActorOf(caller, req));
    log.info({ operatorId: caller.operatorId, companyId: id }, "deletion of a company cancelled");
    return company;
  },
});

export const ownCompanyRoutes = ({
  companies,
  log,
}: Pick<CompaniesRouteDependencies, "companies" | "log">): HandlersOf<"deleteOwnCompany"> => ({
  deleteOwnCompany: async ({ body, caller, req }) => {
    const { companyId, userId, role } = caller;
    if (role !== "owner") throw new ProblemError("forbidden", "Only an owner can delete the company. Ask an owner.");
    const { deletionDueAt } = await companies.scheduleDeletion(companyId, body.name, auditActorOf(caller, req));
    log.info({ userId, companyId, dueAt: deletionDueAt }, "an owner scheduled the deletion of the company");
    return { deletionDueAt: deletionDueAt ?? new Date().toISOString() };
  },
});

export const platformHealthRoutes = (
  dependencies: Pick<CompaniesRouteDependencies, "database" | "redis" | "queue">,
): HandlersOf<"getPlatformHealth" | "getMessageTimeline"> => ({
  getPlatformHealth: () => readPlatformHealth(dependencies),

  getMessageTimeline: async ({ params: { id }, caller, req }) => {
    const timeline = await readMessageTimeline(dependencies, id, auditActorOf(caller, req));
    if (!timeline) throw new ProblemError("not_found", "No company has a message with this id. Check the id.");
    return timeline;
  },
});
