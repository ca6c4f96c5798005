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

const fetchBackoff: Backoff = { firstMs: 300, maxMs: 1_500 };
const maxFetches = 4;
/** The timeout of a hand-over is short, since the process is about to end. */
const archiveMs = { stopped: 30_000, handedOver: 4_000 };

/** The profile of one session under one lease: restored before the engine starts, archived after it has ended. */
export class SessionProfile {
  private isLinked = false;
  private sequence = 0;
  private isClosing = false;
  private newestArchiveAt: Date | undefined;
  private work: Promise<unknown> = Promise.resolve();

  constructor(
    readonly directory: string,
    private readonly lease: Lease,
    private readonly dependencies: { database: Database; archives: ArchiveStore | undefined; log: Logger },
  ) {}

  /** Time of the archive that the next owner would restore; undefined if there is none. */
  get archivedAt(): Date | undefined {
    return this.newestArchiveAt;
  }

  /**
   * Call it before the engine starts. Restores the archive if it is newer than the local profile. Resolves with the reason
   * if the archive was refused: then the local profile is used, or a code is shown. Rejects if the archive can't be fetched
   * now, since an engine without its profile would show a new code.
   */
  prepare(): Promise<string | undefined> {
    return this.serialize(() => this.fetchNewest());
  }

  private async fetchNewest(): Promise<string | undefined> {
    if (this.isClosing) return undefined; // the session ended while it was starting
    await recoverDirectory(this.directory);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.takeNewest();
      } catch (err) {
        if (attempt === maxFetches || this.isClosing || !this.lease.mayAct) throw err;
        this.dependencies.log.warn({ err, attempt }, "archived profile could not be fetched, trying again");
        await pause(backoffDelay(attempt, fetchBackoff));
      }
    }
  }

  /** Call it with every state of the engine. Only the profile of a linked phone is archived. */
  onEngineState(detail: SessionDetail): void {
    if (detail === "qr" || detail === "logged_out" || detail === "qr_expired") this.isLinked = false;
    if (detail !== "connected" || this.isLinked) return;
    this.isLinked = true;
    this.serialize(() => this.stamp()).catch((err: unknown) =>
      this.dependencies.log.error({ err }, "profile could not be stamped"),
    );
  }

  /**
   * Archives the profile after a normal stop, and resolves when this object no longer uses the directory. Nothing is archived
   * after a failure (the profile may be damaged), after an unlink, or while the engine still writes.
   */
  async close(end: { detail: SessionDetail; isEngineGone: boolean }): Promise<void> {
    this.isClosing = true;
    if (end.isEngineGone && end.detail === "stopped") await this.archive(archiveMs.stopped);
    if (end.isEngineGone && end.detail === "reconnecting") await this.archive(archiveMs.handedOver);
    await this.work;
  }

  /** Call it only while nothing writes into the directory. Resolves with false if nothing was archived; never rejects. */
  async archive(timeoutMs: number): Promise<boolean> {
    const { archives, log } = this.dependencies;
    if (!archives) return false;
    try {
      return await this.serialize(() => this.save(archives, AbortSignal.timeout(timeoutMs)));
    } catch (err) {
      log.error({ err }, "profile could not be archived, the latest archive may be outdated");
      return false;
    }
  }

  private async takeNewest(): Promise<string | undefined> {
    const { database, archives, log } = this.dependencies;
    const { companyId, sessionId } = this.lease;
    if (!archives) return undefined;
    const archived = await database.withCompany(companyId, ({ profiles }) => profiles.find(sessionId));
    if (!archived) return undefined;
    const local = await readStamp(this.directory);
    if (archived.file === null) return this.dropForgotten(local, archived);
    this.newestArchiveAt = archived.archivedAt;
    if (local && !isOlder(local, archived)) return undefined;
    try {
      if (archived.engine !== this.lease.engine) throw new ArchiveRefusedError("the archive belongs to another engine");
      await archives.restore(this.directory, this.lease, { ...archived, file: archived.file });
    } catch (err) {
      if (!(err instanceof ArchiveRefusedError) && !(err instanceof ProfileTooLargeError)) throw err;
      log.error({ err, archived: stampOf(archived), local }, "archived profile refused");
      this.newestArchiveAt = undefined; // so that it is replaced soon
      await recoverDirectory(this.directory);
      return `the archived profile was refused: ${err.message}`;
    }
    log.info({ archived: stampOf(archived), local, size: archived.file.size }, "profile restored from its archive");
    return undefined;
  }

  /** Removes the local copy of a profile that another connector has forgotten. */
  private async dropForgotten(local: ProfileStamp | undefined, forgotten: RecordedProfile): Promise<undefined> {
    if (!local || local.generation > forgotten.generation) return;
    await rm(this.directory, { recursive: true, force: true });
    this.dependencies.log.info(
      { local, forgotten: stampOf(forgotten) },
      "profile removed: another connector has forgotten it",
    );
  }

  /** Marks this copy as newer than the archives of all earlier owners. */
  private async stamp(): Promise<void> {
    const { generation, mayAct } = this.lease;
    if (mayAct) await writeStamp(this.directory, { generation, sequence: this.sequence });
  }

  private async save(archives: ArchiveStore, signal: AbortSignal): Promise<boolean> {
    if (!this.isLinked || !this.lease.mayAct) return false;
    const { companyId, sessionId, engine, generation } = this.lease;
    const { database, log } = this.dependencies;
    const startedMs = performance.now();
    this.sequence += 1;
    const stamp = { generation, sequence: this.sequence };
    await this.stamp(); // before the copy: if archiving fails, the local profile is still newer than every archive
    const file = await archives.save(this.directory, this.lease, stamp, signal);
    const isNewest = await database.withCompany(companyId, ({ profiles }) =>
      profiles.record({ sessionId, engine, ...stamp, ...file }),
    );
    if (!isNewest) {
      await archives.remove(file.storageKey);
      log.warn({ ...stamp }, "profile archive discarded: another connector has the session");
      return false;
    }
    this.newestArchiveAt = new Date();
    log.info({ ...stamp, size: file.size, tookMs: Math.round(performance.now() - startedMs) }, "profile archived");
    // A backup that is being made may contain the record of an older archive. The next archive removes it.
    if (!(await database.system.fileRemovals.areHeld())) await archives.removeOlder(this.lease, stamp);
    return true;
  }

  private serialize<Result>(task: () => Promise<Result>): Promise<Result> {
    const done = this.work.then(task);
    this.work = done.catch(() => undefined);
    return done;
  }
}

const stampOf = ({ generation, sequence }: ProfileStamp): ProfileStamp => ({ generation, sequence });
