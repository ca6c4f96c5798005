import type { Knex } from "knex";
import type { DatabaseLog, PublishDurable } from "../outbox.ts";
import { AccountLinkDirectory } from "./accounts/account-link-directory.ts";
import { AuditLogs } from "./accounts/audit-logs.ts";
import { OpenLogins } from "./accounts/open-logins.ts";
import { PendingRevocations } from "./accounts/pending-revocations.ts";
import { ApiKeyDirectory } from "./api-key-directory.ts";
import { CompanyDeletions } from "./companies/company-deletions.ts";
import { CompanyDirectory } from "./companies/company-directory.ts";
import { CompanyLifecycle } from "./companies/company-lifecycle.ts";
import { ConnectorRepository } from "./connector-repository.ts";
import { DueDownloads } from "./due-downloads.ts";
import { DueRemovals } from "./due-removals.ts";
import { EventLogUpkeep } from "./event-log-upkeep.ts";
import { FileRemovals } from "./file-removals.ts";
import { ForgottenProfiles } from "./forgotten-profiles.ts";
import { LeaseRepository } from "./lease-repository.ts";
import { LoginRepository } from "./login-repository.ts";
import { OldPendingFacts } from "./old-pending-facts.ts";
import { OldUploads } from "./old-uploads.ts";
import { OperatorLogins } from "./operators/operator-logins.ts";
import { OperatorRepository } from "./operators/operator-repository.ts";
import { OperatorSecondFactors } from "./operators/operator-second-factors.ts";
import { PlatformState } from "./operators/platform-state.ts";
import { OutboundBacklog } from "./outbound-backlog.ts";
import { OutboxRepository } from "./outbox-repository.ts";
import { PushNotices } from "./push/push-notices.ts";
import { PushSubscriptions } from "./push/push-subscriptions.ts";
import { SettledReachChanges } from "./reach-changes.ts";
import { RefreshTokenRepository } from "./refresh-token-repository.ts";
import { Retentions } from "./retentions.ts";
import { SystemDeadLetters } from "./system-dead-letters.ts";
import { WebhookLanes } from "./webhooks/webhook-lanes.ts";
import { WebhookUpkeep } from "./webhooks/webhook-upkeep.ts";

/** Repositories that work across companies. Their database role has policies only on the tables they need. */
export interface SystemRepositories {
  companies: CompanyDirectory;
  companyLifecycle: CompanyLifecycle;
  companyDeletions: CompanyDeletions;
  logins: LoginRepository;
  openLogins: OpenLogins;
  revocations: PendingRevocations;
  accountLinks: AccountLinkDirectory;
  audit: AuditLogs;
  apiKeys: ApiKeyDirectory;
  operators: OperatorRepository;
  operatorLogins: OperatorLogins;
  platform: PlatformState;
  operatorSecondFactors: OperatorSecondFactors;
  refreshTokens: RefreshTokenRepository;
  leases: LeaseRepository;
  connectors: ConnectorRepository;
  fileRemovals: FileRemovals;
  retentions: Retentions;
  forgottenProfiles: ForgottenProfiles;
  outbox: OutboxRepository;
  eventLog: EventLogUpkeep;
  reachChanges: SettledReachChanges;
  deadLetters: SystemDeadLetters;
  pendingFacts: OldPendingFacts;
  outbound: OutboundBacklog;
  dueDownloads: DueDownloads;
  dueRemovals: DueRemovals;
  oldUploads: OldUploads;
  pushNotices: PushNotices;
  pushSubscriptions: PushSubscriptions;
  webhookLanes: WebhookLanes;
  webhookUpkeep: WebhookUpkeep;
}

export function createSystemRepositories(
  db: Knex,
  { publish, log }: { publish: PublishDurable; log?: DatabaseLog },
): SystemRepositories {
  return {
    companies: new CompanyDirectory(db),
    companyLifecycle: new CompanyLifecycle(db),
    companyDeletions: new CompanyDeletions(db),
    logins: new LoginRepository(db),
    openLogins: new OpenLogins(db),
    revocations: new PendingRevocations(db),
    accountLinks: new AccountLinkDirectory(db),
    audit: new AuditLogs(db),
    apiKeys: new ApiKeyDirectory(db),
    operators: new OperatorRepository(db),
    operatorLogins: new OperatorLogins(db),
    platform: new PlatformState(db),
    operatorSecondFactors: new OperatorSecondFactors(db),
    refreshTokens: new RefreshTokenRepository(db),
    leases: new LeaseRepository(db),
    connectors: new ConnectorRepository(db),
    fileRemovals: new FileRemovals(db),
    retentions: new Retentions(db),
    forgottenProfiles: new ForgottenProfiles(db),
    outbox: new OutboxRepository(db, publish, log),
    eventLog: new EventLogUpkeep(db),
    reachChanges: new SettledReachChanges(db),
    deadLetters: new SystemDeadLetters(db),
    pendingFacts: new OldPendingFacts(db),
    outbound: new OutboundBacklog(db),
    dueDownloads: new DueDownloads(db),
    dueRemovals: new DueRemovals(db),
    oldUploads: new OldUploads(db),
    pushNotices: new PushNotices(db),
    pushSubscriptions: new PushSubscriptions(db),
    webhookLanes: new WebhookLanes(db),
    webhookUpkeep: new WebhookUpkeep(db),
  };
}
