import { join } from "node:path";
import type { Database, ForgottenProfile } from "@syszap/database";
import type { PrivateStore } from "@syszap/media-store";
import type { Logger, MasterKeys } from "@syszap/platform";
import type { Lease } from "../lease.ts";
import { ArchiveStore, removeArchives } from "./archive-store.ts";
import { removeTemporaryCopies } from "./replace-directory.ts";
import { SessionProfile } from "./session-profile.ts";

/** Limit for one profile. A linked phone's Chromium has 1 to 7 MB without excluded files; far more is a fault. */
export const profileLimitBytes = 200 * 1024 * 1024;

export interface ProfilesOptions {
  /** Contains one directory per session. */
  directory: string;
  database: Database;
  store: PrivateStore;
  /** Absent: profiles are neither archived nor restored, and exist only in this directory. */
  keys: MasterKeys | undefined;
  limitBytes?: number;
  log: Logger;
}

/** The profiles of all sessions that this connector runs. */
export class Profiles {
  private readonly archives: ArchiveStore | undefined;

  constructor(private readonly options: ProfilesOptions) {
    const { keys, store, limitBytes, log } = options;
    this.archives = keys && new ArchiveStore(store, keys, limitBytes ?? profileLimitBytes);
    if (!keys) log.info("PROFILE_ENCRYPTION_KEY is not set: profiles are not archived and stay on this connector");
  }

  of(lease: Lease, log: Logger): SessionProfile {
    const { directory, database } = this.options;
    return new SessionProfile(join(directory, lease.sessionId), lease, { database, archives: this.archives, log });
  }

  /**
   * Removes all archives of a session that was logged out or deleted, and temporary copies of its directory. The caller
   * removes the directory itself. Other connectors remove their copies when they next claim or sweep the session.
   */
  async forgetProfile(session: ForgottenProfile): Promise<void> {
    const { companyId, sessionId, engine, generation } = session;
    const { database, directory, log } = this.options;
    await removeTemporaryCopies(join(directory, sessionId));
    // Also without keys: archives from a time with keys must not be restored when keys are set again.
    const isForgotten = await database.withCompany(companyId, ({ profiles }) =>
      profiles.forget({ sessionId, engine, generation }),
    );
    if (!isForgotten) return log.warn({ sessionId, generation }, "archived profile kept: it belongs to a later owner");
    await this.removeArchives(session);
  }

  /** Removes the archives of a forgotten profile that could not be removed then. Archives of later owners stay. While a backup is made, nothing is removed; a later call does it. */
  async removeArchives(session: ForgottenProfile): Promise<void> {
    const { companyId, sessionId, generation } = session;
    const { database, store, log } = this.options;
    if (await database.system.fileRemovals.areHeld()) return;
    const removed = await removeArchives(store, session, { generation: generation + 1, sequence: 0 });
    await database.withCompany(companyId, ({ profiles }) => profiles.markWiped({ sessionId, generation }));
    log.info({ sessionId, generation, removed }, "archived profile removed");
  }
}
