import { z } from "zod";
import { endpoints } from "../../constants/index.ts";
import {
  CompanyPageRequest,
  CreateCompanyRequest,
  CreatedCompany,
  DeleteCompanyRequest,
  FirstOwner,
  OwnerInvitation,
  PlatformCompany,
  PlatformHealth,
  RenameCompanyRequest,
} from "../companies.ts";
import type { RouteDefinition } from "../define-route.ts";
import { MessageTimeline } from "../platform/message-timeline.ts";
import { pageOf } from "../requests.ts";

const ById = z.object({ id: z.uuid() });
const ofPlatform = { tag: "Companies", caller: "operator" } as const;
const changed = { status: 200, description: "The company.", body: PlatformCompany } as const;

export const companyRoutes = {
  listCompanies: {
    ...endpoints.listCompanies,
    ...ofPlatform,
    summary: "List the companies, newest first",
    query: CompanyPageRequest,
    answer: { status: 200, description: "One page.", body: pageOf(PlatformCompany) },
  },
  createCompany: {
    ...endpoints.createCompany,
    ...ofPlatform,
    summary: "Create a company and invite its first owner",
    body: CreateCompanyRequest,
    answer: { status: 201, description: "The company and the invitation.", body: CreatedCompany },
    problems: [409],
  },
  getCompany: {
    ...endpoints.getCompany,
    ...ofPlatform,
    summary: "Get a company, with the progress of its deletion",
    params: ById,
    answer: changed,
  },
  renameCompany: {
    ...endpoints.renameCompany,
    ...ofPlatform,
    summary: "Rename a company",
    params: ById,
    body: RenameCompanyRequest,
    answer: changed,
  },
  inviteOwner: {
    ...endpoints.inviteOwner,
    ...ofPlatform,
    summary: "Invite an owner of a company that has no active owner",
    params: ById,
    body: FirstOwner,
    answer: { status: 201, description: "The invitation.", body: OwnerInvitation },
    problems: [409],
  },
  suspendCompany: {
    ...endpoints.suspendCompany,
    ...ofPlatform,
    summary: "Suspend a company: ends its logins, closes its sockets, refuses its API keys, and stops its sessions",
    params: ById,
    answer: changed,
    problems: [409],
  },
  reopenCompany: {
    ...endpoints.reopenCompany,
    ...ofPlatform,
    summary: "Reopen a suspended company: its sessions start again, and messages that waited are sent",
    params: ById,
    answer: changed,
    problems: [409],
  },
  scheduleCompanyDeletion: {
    ...endpoints.scheduleCompanyDeletion,
    ...ofPlatform,
    summary: "Suspend a company, and delete all its data in seven days",
    params: ById,
    body: DeleteCompanyRequest,
    answer: { status: 202, description: "The company, suspended until its deletion begins.", body: PlatformCompany },
    problems: [409],
  },
  cancelCompanyDeletion: {
    ...endpoints.cancelCompanyDeletion,
    ...ofPlatform,
    summary: "Cancel a scheduled deletion; the company stays suspended",
    params: ById,
    answer: changed,
    problems: [409],
  },
  deleteOwnCompany: {
    ...endpoints.deleteOwnCompany,
    tag: "Companies",
    caller: "manager",
    summary: "Delete all data of the caller's company in seven days; owners only",
    body: DeleteCompanyRequest,
    answer: {
      status: 202,
      description: "The company is suspended and everybody is signed out. Operators can cancel the deletion.",
      body: z.object({ deletionDueAt: z.iso.datetime() }),
    },
    problems: [409],
  },
  getMessageTimeline: {
    ...endpoints.getMessageTimeline,
    ...ofPlatform,
    summary:
      "Get the stages of a message with their times, attempts and processes; recorded in the company's audit log",
    params: ById,
    answer: { status: 200, description: "Ids and times, never contents.", body: MessageTimeline },
  },
  getPlatformHealth: {
    ...endpoints.getPlatformHealth,
    ...ofPlatform,
    summary: "Get running services, sessions by state, queue depths and dead letters of the platform",
    answer: { status: 200, description: "The state now.", body: PlatformHealth },
  },
} as const satisfies Record<string, RouteDefinition>;
