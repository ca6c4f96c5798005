import { rm } from "node:fs/promises";
import type { SessionDetail } from "@syszap/contracts";
import type { Database, ProfileStamp, SessionProfile as RecordedProfile } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { type Backoff, backoffDelay, pause } from "@syszap/platform/async";
import type { Lease } from "../lease.ts";
import type { ArchiveStore } from "./archive-store.ts";
import { ArchiveRefusedError, ProfileTooLargeError } from "./errors.ts";
import { recoverDirectory } from "./replace-directory.ts";
import { isOlder, readStamp, writeStamp } from "./stamp.ts";

const fetching: Backoff = { firstMs: 300, maxMs: 1_500 };
const mostFetches = 4;
/** At a hand-over the process itself is about to end. */
const archiveMs = { stopped: 30_000, handedOver: 4_000 };

/** One session's profile under one lease: complete before the engine starts, archived after it ended. */
export class SessionProfile {
  private isLinked = false;
  private sequence = 0;
  private isClosing = false;
  private newestArchiveAt: Date | undefined;
  private work: Promise<unknown> = Promise.resolve();

  constructor(
    readonly directory: string,
    private readonly lease: Lease,
    private readonly given: { database: Database; archives: ArchiveStore | undefined; log: Logger },
  ) {}

  /** When the archive was made that the next owner would find; undefined: there is none. */
  get archivedAt(): Date | undefined {
    return this.newestArchiveAt;
  }

  /**
   * Call before the engine starts. The newer of what is here and what was archived becomes the profile; equal or newer stays.
   * Answers with the reason when an archive was refused: what is here is used, or a code is shown. Rejects when the archive
   * can't be fetched now: an engine that started without it would ask people for a new code.
   */
  prepare(): Promise<string | undefined> {
    return this.inTurn(() => this.fetchNewest());
  }

  private async fetchNewest(): Promise<string | undefined> {
    await recoverDirectory(this.directory);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.takeNewest();
      } catch (err) {
        if (attempt === mostFetches || this.isClosing || !this.lease.mayAct) throw err;
        this.given.log.warn({ err, attempt }, "archived profile not fetched yet");
        await pause(backoffDelay(attempt, fetching));
      }
    }
  }

  /** Call with every state of the engine: only the profile of a phone that is linked is worth keeping. */
  saw(detail: SessionDetail): void {
    if (detail === "qr" || detail === "logged_out" || detail === "qr_expired") this.isLinked = false;
    if (detail !== "connected" || this.isLinked) return;
    this.isLinked = true;
    this.inTurn(() => this.stamp()).catch((err: unknown) => this.given.log.error({ err }, "profile not stamped"));
  }

  /**
   * Resolves when nothing of ours touches the directory any more. Archives it after an end in order: an engine that broke may
   * have left a broken profile, an unlinked one is worth nothing, and one that still runs writes.
   */
  async close(end: { detail: SessionDetail; isEngineGone: boolean }): Promise<void> {
    this.isClosing = true;
    if (end.isEngineGone && end.detail === "stopped") await this.archive(archiveMs.stopped);
    if (end.isEngineGone && end.detail === "reconnecting") await this.archive(archiveMs.handedOver);
    await this.work;
  }

  /** Only while nothing writes into the directory. False when there is nothing to archive, or it could not be. Never rejects. */
  async archive(timeoutMs: number): Promise<boolean> {
    const { archives, log } = this.given;
    if (!archives) return false;
    try {
      return await this.inTurn(() => this.save(archives, AbortSignal.timeout(timeoutMs)));
    } catch (err) {
      log.error({ err }, "profile not archived, an older archive may be the newest");
      return false;
    }
  }

  private async takeNewest(): Promise<string | undefined> {
    const { database, archives, log } = this.given;
    const { companyId, sessionId } = this.lease;
    if (!archives) return undefined;
    const archived = await database.withCompany(companyId, ({ profiles }) => profiles.find(sessionId));
    if (!archived) return undefined;
    const local = await readStamp(this.directory);
    if (archived.file === null) return this.dropForgotten(local, archived);
    this.newestArchiveAt = archived.archivedAt;
    if (local && !isOlder(local, archived)) return undefined;
    try {
      if (archived.engine !== this.lease.engine) throw new ArchiveRefusedError("the archive is another engine's");
      await archives.restore(this.directory, this.lease, { ...archived, file: archived.file });
    } catch (err) {
      if (!(err instanceof ArchiveRefusedError) && !(err instanceof ProfileTooLargeError)) throw err;
      log.error({ err, archived: stampOf(archived), local }, "archived profile refused");
      this.newestArchiveAt = undefined; // what replaces it is wanted soon
      await recoverDirectory(this.directory);
      return `its archived profile was refused: ${err.message}`;
    }
    log.info({ archived: stampOf(archived), local, size: archived.file.size }, "profile restored from its archive");
    return undefined;
  }

  /** It was wiped where the session ran then; a copy that stayed elsewhere goes too. */
  private async dropForgotten(local: ProfileStamp | undefined, forgotten: RecordedProfile): Promise<undefined> {
    if (!local || local.generation > forgotten.generation) return;
    await rm(this.directory, { recursive: true, force: true });
    this.given.log.info({ local, forgotten: stampOf(forgotten) }, "profile wiped: it was forgotten elsewhere");
  }

  /** From now on this copy is newer than all that earlier owners archived. */
  private async stamp(): Promise<void> {
    const { generation, mayAct } = this.lease;
    if (mayAct) await writeStamp(this.directory, { generation, sequence: this.sequence });
  }

  private async save(archives: ArchiveStore, signal: AbortSignal): Promise<boolean> {
    if (!this.isLinked || !this.lease.mayAct) return false;
    const { companyId, sessionId, engine, generation } = this.lease;
    const { database, log } = this.given;
    const startedMs = performance.now();
    this.sequence += 1;
    const stamp = { generation, sequence: this.sequence };
    await this.stamp(); // before it is copied: if all else fails, what is here stays newer than every archive
    const file = await archives.save(this.directory, this.lease, stamp, signal);
    const isNewest = await database.withCompany(companyId, ({ profiles }) =>
      profiles.record({ sessionId, engine, ...stamp, ...file }),
    );
    if (!isNewest) {
      await archives.remove(file.storageKey);
      log.warn({ ...stamp }, "profile archive dropped: another connector has the session");
      return false;
    }
    this.newestArchiveAt = new Date();
    log.info({ ...stamp, size: file.size, tookMs: Math.round(performance.now() - startedMs) }, "profile archived");
    await archives.removeOlder(this.lease, stamp);
    return true;
  }

  private inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const done = this.work.then(task);
    this.work = done.catch(() => undefined);
    return done;
  }
}

const stampOf = ({ generation, sequence }: ProfileStamp): ProfileStamp => ({ generation, sequence });
