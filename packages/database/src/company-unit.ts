import { UnitEvents } from "./events.ts";
import { CompanyReach } from "./reach/company-reach.ts";

import { AccountLinkRepository } from "./repositories/accounts/account-link-repository.ts";
import { ApiKeyRepository } from "./repositories/accounts/api-key-repository.ts";
import { type SecondFactorStore, secondFactorsOfCompany } from "./repositories/accounts/second-factor-store.ts";
import { UserRepository } from "./repositories/accounts/user-repository.ts";
import { AuditRecorder } from "./repositories/audit/audit-recorder.ts";
import { AuditRepository } from "./repositories/audit/audit-repository.ts";
import { ChatRecorder } from "./repositories/chats/chat-recorder.ts";
import { ChatRepository } from "./repositories/chats/chat-repository.ts";
import { ClientAddressRepository } from "./repositories/clients/client-address-repository.ts";
import { ClientRepository } from "./repositories/clients/client-repository.ts";
import { ClientResolver } from "./repositories/clients/client-resolver.ts";
import { PictureCheckRepository } from "./repositories/clients/picture-check-repository.ts";
import { ConsumerRepository } from "./repositories/consumers/consumer-repository.ts";
import { EventLogRepository } from "./repositories/consumers/event-log-repository.ts";
import { CompanyDeadLetters } from "./repositories/dead-letters/company-dead-letters.ts";
import { GroupRepository } from "./repositories/groups/group-repository.ts";
import { ClientMergeRepository } from "./repositories/hand-merges/client-merge-repository.ts";
import { ClientSplitRepository } from "./repositories/hand-merges/client-split-repository.ts";
import { MediaRemovalRepository } from "./repositories/media/media-removal-repository.ts";
import { MediaRepository } from "./repositories/media/media-repository.ts";
import { ThumbnailRepository } from "./repositories/media/thumbnail-repository.ts";
import { UploadRepository } from "./repositories/media/upload-repository.ts";
import { MediaDownloadRepository } from "./repositories/messages/media-download-repository.ts";
import { MessageChangeRepository } from "./repositories/messages/message-change-repository.ts";
import { MessageRepository } from "./repositories/messages/message-repository.ts";
import { MessageTimelineRepository } from "./repositories/messages/message-timeline-repository.ts";
import { OutboundQueue } from "./repositories/messages/outbound-queue.ts";
import { PendingFactRepository } from "./repositories/messages/pending-fact-repository.ts";
import { PacingRepository } from "./repositories/pacing/pacing-repository.ts";
import { ClientErasureRepository } from "./repositories/retention/client-erasure-repository.ts";
import { RetentionRepository } from "./repositories/retention/retention-repository.ts";
import { ProfileRepository } from "./repositories/sessions/profile-repository.ts";
import { SessionGapRepository } from "./repositories/sessions/session-gap-repository.ts";
import { SessionProxyRepository } from "./repositories/sessions/session-proxy-repository.ts";
import { SessionRepository } from "./repositories/sessions/session-repository.ts";
import { UnknownPayloadRepository } from "./repositories/sessions/unknown-payload-repository.ts";
import { StatisticsRepository } from "./repositories/statistics/statistics-repository.ts";
import { ReachChanges } from "./repositories/teams/reach-changes.ts";
import { SettingsRepository } from "./repositories/teams/settings-repository.ts";
import { TeamRepository } from "./repositories/teams/team-repository.ts";
import { WebhookDeliveryRepository } from "./repositories/webhooks/webhook-delivery-repository.ts";
import { WebhookRepository } from "./repositories/webhooks/webhook-repository.ts";
import type { PersonReach, Scope } from "./sql/query.ts";

/** The repositories of one company, within one transaction. Must not be used after the transaction. */
export interface CompanyUnit {
  companyId: string;
  /** Records the change of this transaction in the audit log. */
  audit: AuditRecorder;
  auditLog: AuditRepository;
  users: UserRepository;
  accountLinks: AccountLinkRepository;
  secondFactors: SecondFactorStore;
  apiKeys: ApiKeyRepository;
  sessions: SessionRepository;
  sessionGaps: SessionGapRepository;
  sessionProxies: SessionProxyRepository;
  profiles: ProfileRepository;
  unknownPayloads: UnknownPayloadRepository;
  clientAddresses: ClientAddressRepository;
  clientMerges: ClientMergeRepository;
  clients: ClientRepository;
  clientSplits: ClientSplitRepository;
  clientResolver: ClientResolver;
  pictureChecks: PictureCheckRepository;
  chats: ChatRepository;
  chatRecorder: ChatRecorder;
  groups: GroupRepository;
  messages: MessageRepository;
  messageChanges: MessageChangeRepository;
  messageTimeline: MessageTimelineRepository;
  outboundQueue: OutboundQueue;
  pendingFacts: PendingFactRepository;
  mediaDownloads: MediaDownloadRepository;
  media: MediaRepository;
  mediaRemovals: MediaRemovalRepository;
  thumbnails: ThumbnailRepository;
  uploads: UploadRepository;
  pacing: PacingRepository;
  statistics: StatisticsRepository;
  deadLetters: CompanyDeadLetters;
  consumers: ConsumerRepository;
  eventLog: EventLogRepository;
  webhooks: WebhookRepository;
  webhookDeliveries: WebhookDeliveryRepository;
  settings: SettingsRepository;
  retention: RetentionRepository;
  clientErasures: ClientErasureRepository;
  teams: TeamRepository;
  reachChanges: ReachChanges;
  /** Who sees the company's chats. */
  reach: CompanyReach;
  /** Set in a transaction that acts for a person. */
  person: PersonReach | undefined;
  /** Collects the events of the transaction. They are saved to the outbox as one row and published after the commit. */
  emit: UnitEvents;
}

export function createCompanyUnit(scope: Scope, reach: CompanyReach = new CompanyReach(scope.prepared)): CompanyUnit {
  const emit = new UnitEvents(scope.companyId, reach);
  return {
    companyId: scope.companyId,
    audit: new AuditRecorder(scope),
    auditLog: new AuditRepository(scope),
    users: new UserRepository(scope),
    accountLinks: new AccountLinkRepository(scope),
    secondFactors: secondFactorsOfCompany(scope),
    apiKeys: new ApiKeyRepository(scope),
    sessions: new SessionRepository(scope),
    sessionGaps: new SessionGapRepository(scope),
    sessionProxies: new SessionProxyRepository(scope),
    profiles: new ProfileRepository(scope),
    unknownPayloads: new UnknownPayloadRepository(scope),
    clientAddresses: new ClientAddressRepository(scope),
    clientMerges: new ClientMergeRepository(scope),
    clients: new ClientRepository(scope),
    clientSplits: new ClientSplitRepository(scope),
    clientResolver: new ClientResolver(scope),
    pictureChecks: new PictureCheckRepository(scope),
    chats: new ChatRepository(scope),
    chatRecorder: new ChatRecorder(scope),
    groups: new GroupRepository(scope),
    messages: new MessageRepository(scope),
    messageChanges: new MessageChangeRepository(scope),
    messageTimeline: new MessageTimelineRepository(scope),
    outboundQueue: new OutboundQueue(scope),
    pendingFacts: new PendingFactRepository(scope),
    mediaDownloads: new MediaDownloadRepository(scope),
    media: new MediaRepository(scope),
    mediaRemovals: new MediaRemovalRepository(scope),
    thumbnails: new ThumbnailRepository(scope),
    uploads: new UploadRepository(scope),
    pacing: new PacingRepository(scope),
    statistics: new StatisticsRepository(scope),
    deadLetters: new CompanyDeadLetters(scope),
    consumers: new ConsumerRepository(scope),
    eventLog: new EventLogRepository(scope),
    webhooks: new WebhookRepository(scope),
    webhookDeliveries: new WebhookDeliveryRepository(scope),
    settings: new SettingsRepository(scope),
    retention: new RetentionRepository(scope),
    clientErasures: new ClientErasureRepository(scope),
    teams: new TeamRepository(scope),
    reachChanges: new ReachChanges(scope, emit),
    reach,
    person: scope.person,
    emit,
  };
}
