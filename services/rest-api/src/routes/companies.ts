import type { Database } from "@syszap/database";
import type { Logger, RedisClient } from "@syszap/platform";
import type { Queue } from "bullmq";
import type { Companies } from "../companies/companies.ts";
import type { InviteOwner } from "../companies/invite-owner.ts";
import type { HandlersOf } from "../endpoint.ts";
import { readPlatformHealth } from "../operator/platform-health.ts";
import { ProblemError } from "../problem.ts";

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

  createCompany: async ({ body, caller: { operatorId } }) => {
    const { companyId, invitation } = await inviteOwner.createCompany(body.name, body.owner, operatorId);
    return { company: await companies.find(companyId), invitation };
  },

  getCompany: ({ params }) => companies.find(params.id),

  renameCompany: ({ params, body }) => companies.rename(params.id, body.name),

  inviteOwner: async ({ params, body, caller: { operatorId } }) => {
    await companies.find(params.id);
    return inviteOwner.invite(params.id, body, operatorId);
  },

  suspendCompany: async ({ params: { id }, caller: { operatorId } }) => {
    const company = await companies.suspend(id);
    log.info({ operatorId, companyId: id }, "company suspended");
    return company;
  },

  reopenCompany: async ({ params: { id }, caller: { operatorId } }) => {
    const company = await companies.reopen(id);
    log.info({ operatorId, companyId: id }, "company reopened");
    return company;
  },

  scheduleCompanyDeletion: async ({ params: { id }, body, caller: { operatorId } }) => {
    const company = await companies.scheduleDeletion(id, body.name);
    log.info({ operatorId, companyId: id, dueAt: company.deletionDueAt }, "deletion of a company scheduled");
    return company;
  },

  cancelCompanyDeletion: async ({ params: { id }, caller: { operatorId } }) => {
    const company = await companies.cancelDeletion(id);
    log.info({ operatorId, companyId: id }, "deletion of a company cancelled");
    return company;
  },
});

export const ownCompanyRoutes = ({
  companies,
  log,
}: Pick<CompaniesRouteDependencies, "companies" | "log">): HandlersOf<"deleteOwnCompany"> => ({
  deleteOwnCompany: async ({ body, caller: { companyId, userId, role } }) => {
    if (role !== "owner") throw new ProblemError("forbidden", "Only an owner can delete the company. Ask an owner.");
    const { deletionDueAt } = await companies.scheduleDeletion(companyId, body.name);
    log.info({ userId, companyId, dueAt: deletionDueAt }, "an owner scheduled the deletion of the company");
    return { deletionDueAt: deletionDueAt ?? new Date().toISOString() };
  },
});

export const platformHealthRoutes = (
  dependencies: Pick<CompaniesRouteDependencies, "database" | "redis" | "queue">,
): HandlersOf<"getPlatformHealth"> => ({
  getPlatformHealth: () => readPlatformHealth(dependencies),
});
