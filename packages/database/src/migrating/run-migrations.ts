import { type Backoff, backoffDelay, pause } from "@syszap/platform/async";
import type { Knex } from "knex";
import type { Migration } from "../migrations/migration.ts";
import type { DatabaseLog } from "../outbox.ts";
import { type Blocker, describeBlocker, watchBlockers } from "./blockers.ts";
import { takeMigrationLock } from "./migration-lock.ts";
import { isRecorded, prepareRecords, record, removeRecord } from "./records.ts";

export interface MigrationWaits {
  /** Queries of services queue behind a statement that waits for a table, so this must be below their `lock_timeout` of 5 s. */
  lockTimeoutMs: number;
  /** After this time without a lock, migrating fails. What has run stays. */
  deadlineMs: number;
}

export interface MigrationRun {
  /** Has one connection, which holds the lock of migrations and runs them. */
  db: Knex;
  /** Another connection, which looks what the first one waits for. */
  observer: Knex;
  waits: MigrationWaits;
  log: DatabaseLog | undefined;
}

/** A migration did not get a lock in time. The message says who holds it and what to do. */
export class MigrationBlockedError extends Error {
  override readonly name = "MigrationBlockedError";
  constructor(subject: string, deadlineMs: number, blockers: readonly Blocker[]) {
    const found = blockers.map(describeBlocker).join("; ") || "unknown";
    super(
      `${subject} got no lock within ${deadlineMs / 1_000} s. Held by: ${found}. ` +
        "Wait until it ends, or end it with pg_terminate_backend(process), then migrate again: finished migrations are kept.",
    );
  }
}

const retryBackoff: Backoff = { firstMs: 500, maxMs: 10_000, jitter: "equal" };
/** lock_not_available, deadlock_detected */
const lockCodes = new Set(["55P03", "40P01"]);

/** Runs the migrations that are not recorded yet, each in its own transaction, while no other process migrates. */
export async function runMigrations(run: MigrationRun, migrations: Record<string, Migration>): Promise<void> {
  await enter(run);
  await prepareRecords(run.db);
  for (const [name, { up, isOnline }] of Object.entries(migrations)) {
    await apply(run, name, {
      isDue: async (db) => !(await isRecorded(db, name)),
      change: up,
      keep: record,
      isOnline,
    });
  }
}

/** Reverses the recorded migrations, newest first. */
export async function reverseMigrations(run: MigrationRun, migrations: Record<string, Migration>): Promise<void> {
  await enter(run);
  await prepareRecords(run.db);
  for (const [name, { down, isOnline }] of Object.entries(migrations).toReversed()) {
    await apply(run, name, { isDue: (db) => isRecorded(db, name), change: down, keep: removeRecord, isOnline });
  }
}

async function enter({ db, waits, log }: MigrationRun): Promise<void> {
  let holder: Blocker | undefined;
  const onWait = (found: Blocker | undefined) => {
    if (found && found.pid !== holder?.pid) log?.warn({ holder: found }, "another process migrates: waiting for it");
    holder = found ?? holder;
  };
  const taken = await takeMigrationLock(db, { deadlineMs: waits.deadlineMs, onWait });
  if (!taken) throw new MigrationBlockedError("Migrating", waits.deadlineMs, holder ? [holder] : []);
}

interface Step {
  isDue: (db: Knex) => Promise<boolean>;
  change: (db: Knex) => Promise<void>;
  keep: (db: Knex, name: string) => Promise<void>;
  isOnline: true | undefined;
}

const apply = (run: MigrationRun, name: string, step: Step): Promise<void> =>
  untilUnblocked(run, `Migration ${name}`, () =>
    step.isOnline ? applyOnline(run, name, step) : applyAtOnce(run, name, step),
  );

/** Repeats `change`, which runs on the connection of migrations, while a lock that it needs is held by others. */
export async function untilUnblocked(run: MigrationRun, subject: string, change: () => Promise<void>): Promise<void> {
  const { db, observer, waits, log } = run;
  let blockers: readonly Blocker[] = [];
  const onChange = (found: readonly Blocker[]) => {
    blockers = found;
    log?.warn({ subject, blockedBy: found }, "waiting for a lock");
  };
  for (let retry = 0, startedAt = performance.now(); ; retry++) {
    try {
      return await watchBlockers({ db, observer, everyMs: waits.lockTimeoutMs / 4 }, onChange, change);
    } catch (error) {
      if (!(error instanceof Error && "code" in error && lockCodes.has(String(error.code)))) throw error;
      if (performance.now() - startedAt > waits.deadlineMs)
        throw new MigrationBlockedError(subject, waits.deadlineMs, blockers);
      const retryInMs = Math.round(backoffDelay(retry, retryBackoff));
      log?.warn({ subject, attempt: retry + 1, retryInMs }, "got no lock, trying again");
      await pause(retryInMs);
    }
  }
}

/** The change and its record are committed together, so a killed process leaves both or none. */
async function applyAtOnce(run: MigrationRun, name: string, { isDue, change, keep }: Step): Promise<void> {
  await run.db.transaction(async (trx) => {
    await keepLock(trx);
    await trx.raw(`set local lock_timeout = ${run.waits.lockTimeoutMs}`);
    if (!(await isDue(trx))) return;
    await change(trx);
    await keep(trx, name);
  });
}

/** Statements outside a transaction wait for old transactions without blocking others, so they may wait long. */
async function applyOnline({ db, waits }: MigrationRun, name: string, { isDue, change, keep }: Step): Promise<void> {
  await keepLock(db);
  await db.raw(`set lock_timeout = ${waits.deadlineMs}`);
  if (await isDue(db)) {
    await change(db);
    await keep(db, name);
  }
  await db.raw("reset lock_timeout");
}

/** The pool replaces a lost connection, and with it the lock is lost. */
async function keepLock(db: Knex): Promise<void> {
  const taken = await takeMigrationLock(db, { deadlineMs: 0, onWait: () => undefined });
  if (!taken) throw new Error("the connection was lost, and another process has begun to migrate");
}
