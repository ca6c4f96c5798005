import { randomUUID } from "node:crypto";
import type { Knex } from "knex";
import { z } from "zod";
import { openPool } from "./connection.ts";
import { UnitEvents } from "./events.ts";
import { CommittedEvents, type DatabaseLog, type PublishDurable, saveToOutbox } from "./outbox.ts";
import { ApiKeyRepository } from "./repositories/accounts/api-key-repository.ts";
import { UserRepository } from "./repositories/accounts/user-repository.ts";
import { ChatRepository } from "./repositories/chats/chat-repository.ts";
import { ClientRepository } from "./repositories/clients/client-repository.ts";
import { PictureCheckRepository } from "./repositories/clients/picture-check-repository.ts";
import { DeadLetterRepository } from "./repositories/dead-letters/company-dead-letters.ts";
import { MediaRepository } from "./repositories/media/media-repository.ts";
import { ThumbnailRepository } from "./repositories/media/thumbnail-repository.ts";
import { UploadRepository } from "./repositories/media/upload-repository.ts";
import { MediaDownloadRepository } from "./repositories/messages/media-download-repository.ts";
import { MessageRepository } from "./repositories/messages/message-repository.ts";
import { PendingFactRepository } from "./repositories/messages/pending-fact-repository.ts";
import { PacingRepository } from "./repositories/pacing/pacing-repository.ts";
import { ProfileRepository } from "./repositories/sessions/profile-repository.ts";
import { SessionRepository } from "./repositories/sessions/session-repository.ts";
import { UnknownPayloadRepository } from "./repositories/sessions/unknown-payload-repository.ts";
import { WebhookDeliveryRepository } from "./repositories/webhooks/webhook-delivery-repository.ts";
import { WebhookRepository } from "./repositories/webhooks/webhook-repository.ts";
import { PreparedStatements } from "./sql/prepared-statements.ts";
import type { Scope } from "./sql/query.ts";
import { createSystemRepositories, type SystemRepositories } from "./system/system-repositories.ts";

/** All that may be done to one company's data, inside one transaction. Not to be kept after it. */
export interface CompanyUnit {
  companyId: string;
  users: UserRepository;
  apiKeys: ApiKeyRepository;
  sessions: SessionRepository;
  clients: ClientRepository;
  chats: ChatRepository;
  messages: MessageRepository;
  pacing: PacingRepository;
  media: MediaRepository;
  mediaDownloads: MediaDownloadRepository;
  thumbnails: ThumbnailRepository;
  uploads: UploadRepository;
  pictureChecks: PictureCheckRepository;
  pendingFacts: PendingFactRepository;
  profiles: ProfileRepository;
  deadLetters: DeadLetterRepository;
  unknownPayloads: UnknownPayloadRepository;
  webhooks: WebhookRepository;
  webhookDeliveries: WebhookDeliveryRepository;
  /** What the transaction has to tell: written to the outbox as one row, published after the commit. */
  emit: UnitEvents;
}

export interface DatabaseOptions {
  /** Role `syszap_app`: sees one company at a time. */
  appUrl: string;
  /** Role `syszap_system`: work across companies, on the tables of that work alone. */
  systemUrl: string;
  /** Of the first role's pool; the second's is half of it. */
  maxConnections?: number;
  /** True where every statement finds its rows by an index: a prepared one is then planned once, and never reads a whole table. */
  isLookupsOnly?: boolean;
  publish: PublishDurable;
  log?: DatabaseLog;
}

const defaultMaxConnections = 10;

const openUnit = "select set_config('app.company_id', :companyId, true)";
/**
 * A plan that is kept was made when tables may have been empty: then reading or hashing all of one looks cheap. Settings of the
 * transaction, since a pooler hands connections round.
 */
const openLookups = `${openUnit}, set_config('plan_cache_mode', 'force_generic_plan', true),
  set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
  set_config('enable_mergejoin', 'off', true)`;

export class Database {
  constructor(
    private readonly pools: { app: Knex; system: Knex },
    /** Work across companies: logins, leases, outbox, dead letters. */
    readonly system: SystemRepositories,
    private readonly committed: CommittedEvents,
    private readonly isLookupsOnly = false,
  ) {}

  /**
   * Runs `fn` in a transaction that sees this company and no other. Commits when it resolves, rolls back when it rejects. What it
   * emitted is published after the commit; when that fails the answer stands, and the outbox sweep publishes about 2 s later.
   */
  async withCompany<T>(companyId: string, fn: (unit: CompanyUnit) => Promise<T>): Promise<T> {
    if (!z.guid().safeParse(companyId).success) throw new TypeError("the company id is no UUID");
    const emit = new UnitEvents(companyId);
    const outboxId = randomUUID();
    const result = await this.transact(companyId, async (scope) => {
      const answer = await fn(unitOf(scope, emit));
      if (emit.collected.length > 0) saveToOutbox(scope, outboxId, emit.collected);
      return answer;
    });
    if (emit.collected.length > 0) await this.committed.publish(companyId, outboxId, [...emit.collected]);
    return result;
  }

  private async transact<T>(companyId: string, fn: (scope: Scope) => Promise<T>): Promise<T> {
    const { answer, prepared } = await this.pools.app.transaction(async (db) => {
      const prepared = await PreparedStatements.of(db);
      prepared.send(this.isLookupsOnly ? openLookups : openUnit, { companyId });
      try {
        return { answer: await fn({ db, companyId, prepared }), prepared };
      } catch (error) {
        await prepared.settled(); // what failed first, and not that the transaction is aborted since
        throw error;
      }
    });
    // Postgres answers the commit of an aborted transaction with a rollback, and with no error.
    await prepared.settled();
    return answer;
  }

  /** Rejects when either role gets no answer. */
  async ping(): Promise<void> {
    await Promise.all([this.pools.app.raw("select 1"), this.pools.system.raw("select 1")]);
  }

  /** Marks what was published, then ends both pools. Call it when no transaction is under way. */
  async close(): Promise<void> {
    await this.committed.flush();
    await Promise.all([this.pools.app.destroy(), this.pools.system.destroy()]);
  }
}

/** Opens no connection yet: `ping()` tells whether Postgres answers. */
export function connectDatabase(options: DatabaseOptions): Database {
  const max = options.maxConnections ?? defaultMaxConnections;
  const { log } = options;
  const app = openPool(options.appUrl, { name: "syszap-app", max, log });
  const system = openPool(options.systemUrl, { name: "syszap-system", max: Math.max(2, Math.ceil(max / 2)), log });
  const committed = new CommittedEvents(system, options.publish, options.log);
  return new Database({ app, system }, createSystemRepositories(system, options), committed, options.isLookupsOnly);
}

function unitOf(scope: Scope, emit: UnitEvents): CompanyUnit {
  return {
    companyId: scope.companyId,
    users: new UserRepository(scope),
    apiKeys: new ApiKeyRepository(scope),
    sessions: new SessionRepository(scope),
    clients: new ClientRepository(scope),
    chats: new ChatRepository(scope),
    messages: new MessageRepository(scope),
    pacing: new PacingRepository(scope),
    media: new MediaRepository(scope),
    mediaDownloads: new MediaDownloadRepository(scope),
    thumbnails: new ThumbnailRepository(scope),
    uploads: new UploadRepository(scope),
    pictureChecks: new PictureCheckRepository(scope),
    pendingFacts: new PendingFactRepository(scope),
    profiles: new ProfileRepository(scope),
    deadLetters: new DeadLetterRepository(scope),
    unknownPayloads: new UnknownPayloadRepository(scope),
    webhooks: new WebhookRepository(scope),
    webhookDeliveries: new WebhookDeliveryRepository(scope),
    emit,
  };
}
