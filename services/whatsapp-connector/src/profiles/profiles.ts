import { join } from "node:path";
import type { Database, ForgottenProfile } from "@syszap/database";
import type { PrivateStore } from "@syszap/media-store";
import type { Logger } from "@syszap/platform";
import type { Lease } from "../lease.ts";
import { ArchiveStore, removeArchives } from "./archive-store.ts";
import type { ProfileKeys } from "./profile-keys.ts";
import { removeBeside } from "./replace-directory.ts";
import { SessionProfile } from "./session-profile.ts";

/** A linked phone's Chromium has 1 to 7 MB that count; far more is a fault, and must not fill the store. */
export const profileLimitBytes = 200 * 1024 * 1024;

export interface ProfilesOptions {
  /** Holds one directory per session. */
  directory: string;
  database: Database;
  store: PrivateStore;
  /** Without keys nothing is archived and nothing restored: a session then lives and dies with this directory. */
  keys: ProfileKeys | undefined;
  limitBytes?: number;
  log: Logger;
}

/** The profiles of all sessions that this connector runs. */
export class Profiles {
  private readonly archives: ArchiveStore | undefined;

  constructor(private readonly options: ProfilesOptions) {
    const { keys, store, limitBytes, log } = options;
    this.archives = keys && new ArchiveStore(store, keys, limitBytes ?? profileLimitBytes);
    if (!keys) log.info("PROFILE_ENCRYPTION_KEY is not set: profiles stay on this connector, none is archived");
  }

  of(lease: Lease, log: Logger): SessionProfile {
    const { directory, database } = this.options;
    return new SessionProfile(join(directory, lease.sessionId), lease, { database, archives: this.archives, log });
  }

  /**
   * Removes all archives of a session that was logged out or deleted, and copies beside its directory; the directory itself is
   * its caller's to wipe. Copies that other connectors still have are wiped when one of them next claims or sweeps the session.
   */
  async forgetProfile(session: ForgottenProfile): Promise<void> {
    const { companyId, sessionId, engine, generation } = session;
    const { database, directory, log } = this.options;
    await removeBeside(join(directory, sessionId));
    // Also without keys: what was archived when there were some must not come back when there are some again.
    const isForgotten = await database.withCompany(companyId, ({ profiles }) =>
      profiles.forget({ sessionId, engine, generation }),
    );
    if (!isForgotten) return log.warn({ sessionId, generation }, "archived profile kept: a later owner made it");
    await this.removeArchives(session);
  }

  /** Of a profile that is forgotten already: what the store could not give up then. Archives of later owners stay. */
  async removeArchives(session: ForgottenProfile): Promise<void> {
    const { companyId, sessionId, generation } = session;
    const { database, store, log } = this.options;
    const removed = await removeArchives(store, session, { generation: generation + 1, sequence: 0 });
    await database.withCompany(companyId, ({ profiles }) => profiles.markWiped({ sessionId, generation }));
    log.info({ sessionId, generation, removed }, "archived profile forgotten");
  }
}
