import { z } from "zod";
import { companyStates, maxCompanyNameLength, maxPersonNameLength } from "../constants/index.ts";
import { Language, Timestamp } from "../vocabulary.ts";
import { EmailAddress } from "./accounts.ts";
import { PageRequest, storable, visibleText } from "./requests.ts";

const CompanyName = visibleText(maxCompanyNameLength);
const PersonName = visibleText(maxPersonNameLength);

export const CompanyState = z.enum(companyStates);
export type CompanyState = z.infer<typeof CompanyState>;

/** Progress of the job that removes the data of a company. */
export const DeletionProgress = z.object({
  step: z.string().describe("what is being removed: `sessions`, `files`, `profiles`, `jobs`, `logs` or a table"),
  done: z.number().int().describe("finished steps"),
  total: z.number().int().describe("all steps"),
  removed: z.number().int().describe("files, jobs and rows removed so far"),
});
export type DeletionProgress = z.infer<typeof DeletionProgress>;

/** A company as operators see it: never its chats, messages or clients. */
export const PlatformCompany = z.object({
  id: z.uuid(),
  name: z.string(),
  state: CompanyState,
  createdAt: Timestamp,
  suspendedAt: Timestamp.nullable(),
  deletionDueAt: Timestamp.nullable().describe("when the removal of all data begins"),
  deleting: DeletionProgress.nullable(),
  users: z.number().int().describe("users that are not disabled"),
  sessions: z.number().int(),
  connectedSessions: z.number().int(),
  lastActivityAt: Timestamp.nullable().describe("last use of a login, or last event of a session"),
});
export type PlatformCompany = z.infer<typeof PlatformCompany>;

export const CompanyPageRequest = PageRequest.extend({
  search: storable(z.string().trim().max(100)).optional().describe("part of the name, ignoring case"),
  state: CompanyState.optional(),
});

/** The first owner of a company, who receives an invitation. */
export const FirstOwner = z.object({
  email: EmailAddress,
  name: PersonName,
  language: Language.default("pt-BR").describe("of the e-mail and of the person's pages"),
});
export const CreateCompanyRequest = z.object({ name: CompanyName, owner: FirstOwner });
export const RenameCompanyRequest = z.object({ name: CompanyName });
/** `name` must be the company's name, so that nobody deletes the wrong company. */
export const DeleteCompanyRequest = z.object({ name: z.string().max(maxCompanyNameLength) });

/** How the invitation reaches the owner. */
export const OwnerInvitation = z.object({
  email: z.string(),
  expiresAt: Timestamp,
  link: z.string().nullable().describe("shown only here, when the platform sends no e-mail; null: an e-mail was sent"),
});
export type OwnerInvitation = z.infer<typeof OwnerInvitation>;
export const CreatedCompany = z.object({ company: PlatformCompany, invitation: OwnerInvitation });

/** The state of services, sessions, queues and dead letters, summed over all companies. */
export const Instance = z.object({
  service: z.string(),
  instance: z.string().describe("name of the host"),
  pid: z.number().int(),
  version: z.string(),
  startedAt: Timestamp,
});

export const PlatformHealth = z.object({
  services: z.object({
    postgres: z.boolean(),
    redis: z.boolean(),
    gateways: z.number().int().describe("with a heartbeat in the last seconds"),
    connectors: z.number().int().describe("that hold the lease of a session"),
    workers: z.number().int().describe("connected to the queue"),
  }),
  connections: z.number().int().describe("open WebSockets"),
  sessions: z.object({
    connected: z.number().int(),
    connecting: z.number().int(),
    qr: z.number().int(),
    disconnected: z.number().int(),
  }),
  queue: z.object({
    waiting: z.number().int(),
    active: z.number().int(),
    delayed: z.number().int(),
    oldestWaitingAt: Timestamp.nullable(),
  }),
  outbound: z.object({
    waiting: z.number().int().describe("messages that are not sent yet"),
    oldestWaitingAt: Timestamp.nullable(),
  }),
  unpublished: z.number().int().describe("outbox rows that are not published yet"),
  oldestUnpublishedAt: Timestamp.nullable(),
  instances: z.array(Instance).describe("running processes, by service; empty without Redis"),
  leases: z.object({
    held: z.number().int(),
    expired: z.number().int().describe("of connectors that died or hang; others claim them"),
    unclaimed: z.number().int().describe("sessions that should run and that no connector holds"),
  }),
  consumers: z.object({
    count: z.number().int(),
    maxEventsBehind: z.number().int().describe("of the consumer that has acknowledged least"),
    oldestUnacknowledgedAt: Timestamp.nullable(),
  }),
  lastMigration: z.object({ name: z.string(), ranAt: Timestamp }).nullable(),
  deadLetters: z.number().int().describe("dead letters that wait for a decision"),
});
export type PlatformHealth = z.infer<typeof PlatformHealth>;
