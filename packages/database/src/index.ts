export { BackupSource, BackupSourceError, type NeededKey, type StoredFileEntry } from "./backup/backup-source.ts";
export { type RestoreTarget, readTarget, removeEverything, settleRestore } from "./backup/restore-target.ts";
export type { CompanyUnit } from "./company-unit.ts";
export { companyConnections, connectDatabase, Database, type DatabaseOptions } from "./database.ts";
export {
  EmailTakenError,
  IdempotencyConflictError,
  InvalidPageKeyError,
  isDatabaseUnavailable,
  isUnknownReference,
} from "./errors.ts";
export { eventIdOf, type UnitEvents } from "./events.ts";
export { emitIdentityChanges, emitSeparation } from "./identity-events.ts";
export { type MigrateOptions, migrate, migrationNames, prepareRoles, rollback } from "./migrate.ts";
export { MigrationBlockedError } from "./migrating/run-migrations.ts";
export { migrations } from "./migrations/index.ts";
export type { Migration } from "./migrations/migration.ts";
export type { DatabaseLog, EventPosition, PublishDurable } from "./outbox.ts";
export type { CompanyReach } from "./reach/company-reach.ts";
export type { Person } from "./reach/person-reach.ts";
export type { AccountLinkKind } from "./repositories/accounts/account-link-repository.ts";
export type { SecondFactorStore } from "./repositories/accounts/second-factor-store.ts";
export { toUserEntry, type User, type UserChanges } from "./repositories/accounts/user-repository.ts";
export type { AuditActor, AuditRecord } from "./repositories/audit/audit-recorder.ts";
export { chatKeyOf, type KnownChats } from "./repositories/chats/chat-recorder.ts";
export type { Contact } from "./repositories/clients/client-repository.ts";
export type { Touched } from "./repositories/clients/client-resolver.ts";
export type { IdentityChange, OnIdentityChange } from "./repositories/clients/identities.ts";
export { addressOf } from "./repositories/clients/identity-plan.ts";
export type { Merged } from "./repositories/clients/merge-clients.ts";
export {
  type ConsumerPosition,
  type LogPage,
  type OldestKept,
  toLogCursor,
} from "./repositories/consumers/event-log-repository.ts";
export type { NewDeadLetter } from "./repositories/dead-letters/dead-letter-row.ts";
export type { StoredMedia } from "./repositories/media/media-repository.ts";
export type { Thumbnail } from "./repositories/media/thumbnail-repository.ts";
export type { MediaOutcome } from "./repositories/messages/message-change-repository.ts";
export type { NewMessage } from "./repositories/messages/message-repository.ts";
export type { Change, MessageKey } from "./repositories/messages/message-row.ts";
export type { MessageTrace } from "./repositories/messages/message-timeline-repository.ts";
export type { AppliedChange, OutgoingMessage } from "./repositories/messages/outbound-queue.ts";
export type { NamedMessage, OutgoingPayload } from "./repositories/messages/outgoing-payload.ts";
export type { PendingFact } from "./repositories/messages/pending-fact-repository.ts";
export type { QueuedMessage } from "./repositories/messages/queued-message.ts";
export type {
  BreakerTimes,
  PacingLimits,
  SendingRoom,
  SendOutcome,
} from "./repositories/pacing/pacing-repository.ts";
export type { PacingNotice } from "./repositories/pacing/pacing-rows.ts";
export type { ProfileFile, ProfileStamp, SessionProfile } from "./repositories/sessions/profile-repository.ts";
export type { ChatProgress, Gap } from "./repositories/sessions/session-gap-repository.ts";
export type { SessionLease } from "./repositories/sessions/session-lease.ts";
export type { StoredProxy } from "./repositories/sessions/session-proxy-repository.ts";
export type { StatusChange } from "./repositories/sessions/session-repository.ts";
export type { CompleteTeam, TeamChange } from "./repositories/teams/team-repository.ts";
export { sourceOrderOf } from "./sql/source-order.ts";
export type { DueMail, OpenAccountLink } from "./system/accounts/account-link-directory.ts";
export type { Revocations } from "./system/accounts/pending-revocations.ts";
export type { ApiKeyHolder } from "./system/api-key-directory.ts";
export type { ClaimedDeletion } from "./system/companies/company-deletions.ts";
export type { Company } from "./system/companies/company-directory.ts";
export {
  type ConnectorLoad,
  type ConnectorProcess,
  type ConnectorState,
  heartbeatEveryMs,
  type RecordedConnector,
  type SessionMove,
} from "./system/connector-repository.ts";
export type { DueDownload } from "./system/due-downloads.ts";
export type { ConsumerLag } from "./system/event-log-upkeep.ts";
export type { ForgottenProfile } from "./system/forgotten-profiles.ts";
export {
  type ClaimRequest,
  type HeldLease,
  type Lease,
  leaseDurationMs,
  type Renewal,
  type SessionHealth,
} from "./system/lease-repository.ts";
export type { Account, LoginRepository, LoginState } from "./system/login-repository.ts";
export type { OperatorFactorRule, OperatorLogins } from "./system/operators/operator-logins.ts";
export type { OperatorCredentials, OperatorRepository } from "./system/operators/operator-repository.ts";
export type { OperatorSecondFactors } from "./system/operators/operator-second-factors.ts";
export type { SessionKey } from "./system/outbound-backlog.ts";
export type { DuePush, PushNotice, PushNotices, PushOrder, PushRecipient } from "./system/push/push-notices.ts";
export type { Device, IssuedToken, Login, RefreshOutcome } from "./system/refresh-token-repository.ts";
export type { ClaimedErasure, ClaimedRetention } from "./system/retentions.ts";
export type { RedrivenJob, RedrivingLetter } from "./system/system-dead-letters.ts";
export type { SystemRepositories } from "./system/system-repositories.ts";
export type { DueDelivery, FailedTry, LaneLimits, WebhookLane } from "./system/webhooks/webhook-lanes.ts";
export type { DueNotice, LogLimits } from "./system/webhooks/webhook-upkeep.ts";
