import type { Knex } from "knex";
import { v7 } from "uuid";
import { z } from "zod";
import { type CompanyUnit, createCompanyUnit } from "./company-unit.ts";
import { openPool } from "./connection.ts";
import { requireSchema } from "./migrating/required-schema.ts";
import { CommittedEvents, type DatabaseLog, type PublishDurable, saveToOutbox } from "./outbox.ts";
import { CompanyReach } from "./reach/company-reach.ts";
import { openPerson, type Person } from "./reach/person-reach.ts";
import { PreparedStatements } from "./sql/prepared-statements.ts";
import { queryOne, Scope } from "./sql/query.ts";
import { createSystemRepositories, type SystemRepositories } from "./system/system-repositories.ts";

export interface DatabaseOptions {
  /** URL with the role `syszap_app`, which sees one company at a time. */
  appUrl: string;
  /** URL with the role `syszap_system`, which works across companies on the tables that this work needs. */
  systemUrl: string;
  /** Size of the pool of `syszap_app`. The other pool has half of it. */
  maxConnections?: number;
  /**
   * True when every statement of the process finds its rows by an index. Then prepared statements are planned once, and plans that
   * read whole tables are disabled.
   */
  isLookupsOnly?: boolean;
  /** False for a pooler in transaction mode that does not support named prepared statements. Default: true. */
  hasNamedStatements?: boolean | undefined;
  publish: PublishDurable;
  log?: DatabaseLog;
}

const defaultMaxConnections = 10;

/** `maxConnections` for a process that may open `total` connections, at least 5: of both roles, and one for readiness. */
export const companyConnections = (total: number): number => Math.floor((2 * (total - 1)) / 3);

/**
 * The lock excludes changes of who sees what. It is shared, so that transactions with events run concurrently, and taken before the
 * rows are read that decide on the events' audiences.
 */
const reachLock = "hashtextextended('reach ' || :companyId, 0)";
const openUnit = `select set_config('app.company_id', :companyId, true), pg_advisory_xact_lock_shared(${reachLock})`;
const openReachChange = `select set_config('app.company_id', :companyId, true), pg_advisory_xact_lock(${reachLock})`;
/**
 * A kept plan may have been made when tables were empty, and reading or hashing a whole table looked cheap. The settings are local to
 * the transaction, because a connection pooler shares connections.
 */
const openLookups = `${openUnit}, set_config('plan_cache_mode', 'force_generic_plan', true),
  set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
  set_config('enable_mergejoin', 'off', true)`;

/** How a transaction begins, and what it may see. */
interface Access {
  companyId: string;
  /** The user for whom it acts. */
  userId?: string;
  opening: string;
}

export class Database {
  constructor(
    private readonly pools: { app: Knex; system: Knex; probe: Knex },
    /** Repositories that work across companies: logins, leases, outbox, dead letters. */
    readonly system: SystemRepositories,
    private readonly committed: CommittedEvents,
    private readonly options: Pick<DatabaseOptions, "isLookupsOnly" | "hasNamedStatements"> = {},
  ) {}

  /**
   * Runs `fn` in a transaction that sees only this company. Commits when `fn` resolves, and rolls back when it rejects. Emitted events
   * are published after the commit. When publishing fails the result is returned anyway, and the outbox sweep publishes the events
   * about 2 s later.
   */
  withCompany<T>(companyId: string, fn: (unit: CompanyUnit) => Promise<T>): Promise<T> {
    return this.run({ companyId, opening: this.options.isLookupsOnly ? openLookups : openUnit }, fn);
  }

  /** Like `withCompany`, limited to the chats, messages, files and clients that the person sees now. */
  withPerson<T>({ companyId, userId }: Person, fn: (unit: CompanyUnit) => Promise<T>): Promise<T> {
    return this.run({ companyId, userId, opening: openUnit }, fn);
  }

  /**
   * Like `withCompany`, for changes of who sees what. Waits for the company's other transactions, and they wait for it. Must be short.
   */
  withReachChange<T>(companyId: string, fn: (unit: CompanyUnit) => Promise<T>): Promise<T> {
    return this.run({ companyId, opening: openReachChange }, fn);
  }

  /** Undefined when no company has the message. Asks every company, so it is for rare use by operators. */
  async companyOfMessage(messageId: string): Promise<string | undefined> {
    const companies = (await this.system.companies.list()).map(({ id }) => id);
    const row = await queryOne<{ id: string | null }>(
      this.pools.app,
      "select company_of_message(:companies::uuid[], :messageId::uuid) as id",
      { companies, messageId },
    );
    return row.id ?? undefined;
  }

  private async run<T>(access: Access, fn: (unit: CompanyUnit) => Promise<T>): Promise<T> {
    const { companyId } = access;
    if (!z.guid().safeParse(companyId).success) throw new TypeError("the company id is not a UUID");
    const outboxId = v7();
    const { result, events } = await this.transact(access, async (scope) => {
      const reach = new CompanyReach(scope.prepared);
      const unit = createCompanyUnit(scope, reach);
      const result = await fn(unit);
      const events = await unit.emit.withAudiences();
      if (events.length > 0) saveToOutbox(scope, outboxId, events);
      return { result, events };
    });
    if (events.length > 0) await this.committed.publish(companyId, outboxId, events);
    return result;
  }

  private async transact<T>({ companyId, userId, opening }: Access, fn: (scope: Scope) => Promise<T>): Promise<T> {
    const { result, prepared } = await this.pools.app.transaction(async (db) => {
      const prepared = await PreparedStatements.of(db, companyId, this.options.hasNamedStatements);
      prepared.send(opening);
      try {
        const person = userId === undefined ? undefined : await openPerson(prepared, userId);
        return { result: await fn(new Scope(db, companyId, prepared, person)), prepared };
      } catch (error) {
        await prepared.settled(); // throws the first failure instead of "current transaction is aborted"
        throw error;
      }
    });
    // Postgres replies to the commit of an aborted transaction with a rollback, which is not an error.
    await prepared.settled();
    return result;
  }

  /**
   * Called at the start of a service. Throws a `StartError` when migrations of this release have not run. Accepts the schema of a newer
   * release.
   */
  requireSchema(): Promise<void> {
    return requireSchema(this.pools.system);
  }

  /**
   * Checks for readiness whether Postgres answers, and rejects if it does not. It has a separate connection, so that it does not wait for
   * transactions of this process.
   */
  async probe(): Promise<void> {
    await this.pools.probe.raw("select 1");
  }

  /** Rejects when either role gets no answer. */
  async ping(): Promise<void> {
    await Promise.all([this.pools.app.raw("select 1"), this.pools.system.raw("select 1")]);
  }

  /** Marks published events, then closes the pools. No transaction may be running. */
  async close(): Promise<void> {
    await this.committed.flush();
    await Promise.all(Object.values(this.pools).map((pool) => pool.destroy()));
  }
}

const systemConnections = (maxConnections: number) => Math.max(2, Math.ceil(maxConnections / 2));

/** Opens no connection yet. `ping()` shows whether Postgres answers. */
export function connectDatabase(options: DatabaseOptions): Database {
  const max = options.maxConnections ?? defaultMaxConnections;
  const { log } = options;
  const app = openPool(options.appUrl, { name: "syszap-app", max, log });
  const system = openPool(options.systemUrl, { name: "syszap-system", max: systemConnections(max), log });
  const committed = new CommittedEvents(system, options.publish, options.log);
  const probe = openPool(options.appUrl, { name: "syszap-probe", max: 1, log });
  return new Database({ app, system, probe }, createSystemRepositories(system, options), committed, options);
}
