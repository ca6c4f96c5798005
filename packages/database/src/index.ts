export { type CompanyUnit, connectDatabase, Database, type DatabaseOptions } from "./database.ts";
export {
  EmailTakenError,
  IdempotencyConflictError,
  InvalidPageKeyError,
  isDatabaseUnavailable,
  isUnknownReference,
} from "./errors.ts";
export { eventIdOf, type UnitEvents } from "./events.ts";
export { type MigrateOptions, migrate, rollback } from "./migrate.ts";
export type { DatabaseLog, PublishDurable } from "./outbox.ts";
export { chatKeyOf, type KnownChats } from "./repositories/chats/record-messages.ts";
export type { Contact } from "./repositories/client-repository.ts";
export type { Merged } from "./repositories/clients/merge-clients.ts";
export type { Touched } from "./repositories/clients/touch-clients.ts";
export type { StoredMedia } from "./repositories/media-repository.ts";
export type { OutgoingMessage } from "./repositories/message-repository.ts";
export type { NewMessage } from "./repositories/messages/insert-messages.ts";
export type { MediaOutcome } from "./repositories/messages/message-media.ts";
export type { Change, MessageKey } from "./repositories/messages/message-rows.ts";
export type { NamedMessage, OutgoingPayload } from "./repositories/messages/outgoing-payload.ts";
export type { QueuedMessage } from "./repositories/messages/queue-message.ts";
export type { SessionLease } from "./repositories/messages/queued-messages.ts";
export type { AppliedChange } from "./repositories/messages/sent-change.ts";
export type {
  BreakerTimes,
  PacingLimits,
  SendingRoom,
  SendOutcome,
} from "./repositories/pacing/pacing-repository.ts";
export type { PacingNotice } from "./repositories/pacing/pacing-rows.ts";
export type { PendingFact } from "./repositories/pending-fact-repository.ts";
export type { ProfileFile, ProfileStamp, SessionProfile } from "./repositories/profile-repository.ts";
export type { Gap } from "./repositories/session-gap.ts";
export type { StatusChange } from "./repositories/session-repository.ts";
export type { Thumbnail } from "./repositories/thumbnail-repository.ts";
export type { User } from "./repositories/user-repository.ts";
export type { NewDeadLetter } from "./rows/dead-letters.ts";
export { sourceOrderOf } from "./rows/source-order.ts";
export type { ApiKeyHolder } from "./system/api-key-directory.ts";
export type { Company } from "./system/company-directory.ts";
export type { DueDownload } from "./system/due-downloads.ts";
export type { ForgottenProfile } from "./system/forgotten-profiles.ts";
export {
  type ClaimRequest,
  type HeldLease,
  type Lease,
  leaseDurationMs,
  type Renewal,
  type SessionHealth,
} from "./system/lease-repository.ts";
export type { Account } from "./system/login-repository.ts";
export type { Operator, OperatorRepository } from "./system/operator-repository.ts";
export type { IssuedToken, Login, RefreshOutcome } from "./system/refresh-token-repository.ts";
export type { RedrivenJob, RedrivingLetter } from "./system/system-dead-letters.ts";
export type { SystemRepositories } from "./system/system-repositories.ts";
export type { DueDelivery, FailedTry, LaneLimits, WebhookLane } from "./system/webhooks/webhook-lanes.ts";
export type { DueNotice, LogLimits } from "./system/webhooks/webhook-upkeep.ts";
