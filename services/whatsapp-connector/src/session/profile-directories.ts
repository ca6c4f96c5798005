import { randomUUID } from "node:crypto";
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SessionReason } from "@syszap/contracts";
import type { ForgottenProfile, SystemRepositories } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import type { Profiles } from "../profiles/index.ts";

interface Given {
  directory: string;
  profiles: Pick<Profiles, "forgetProfile" | "removeArchives">;
  leases: Pick<SystemRepositories["leases"], "isHeld">;
  forgotten: Pick<SystemRepositories["forgottenProfiles"], "ofRemoved" | "unwiped" | "unwipedLogOuts">;
  log: Logger;
}

const sessionId = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const mostAtOnce = 500;

/** The sessions' directories on this connector's disk. A log-out or a removal wipes one; nothing else ever does. */
export class ProfileDirectories {
  constructor(private readonly given: Given) {}

  /** What a person must do before an engine can run there; undefined when one can. */
  async faultOf(session: string): Promise<SessionReason | undefined> {
    const path = join(this.given.directory, session);
    const probe = join(path, `.writable-${randomUUID()}`);
    try {
      await mkdir(path, { recursive: true });
      await writeFile(probe, "");
      await rm(probe);
      return undefined;
    } catch (err) {
      const code = err instanceof Error && "code" in err ? err.code : "unknown";
      this.given.log.error({ err }, "profile directory can't be written");
      return code === "ENOSPC" || code === "EDQUOT" ? "profile_disk_full" : "profile_not_writable";
    }
  }

  /** After the session's engine has ended; refused when another connector may run it by now. Never rejects. */
  async wipeLoggedOut(profile: ForgottenProfile): Promise<void> {
    const { leases, log } = this.given;
    const { sessionId: id, generation } = profile;
    try {
      if (await leases.isHeld(profile)) return await this.wipe(profile, "logged out");
      log.warn({ sessionId: id, generation }, "profile kept: another connector may run the session");
    } catch (err) {
      log.error({ err, sessionId: id }, "profile not wiped");
    }
  }

  private async wipe(profile: ForgottenProfile, why: "logged out" | "removed"): Promise<void> {
    const { directory, profiles, log } = this.given;
    const { companyId, sessionId: id, generation } = profile;
    try {
      await rm(join(directory, id), { recursive: true, force: true });
      await profiles.forgetProfile(profile);
      log.info({ companyId, sessionId: id, generation, why }, "profile wiped");
    } catch (err) {
      log.error({ err, sessionId: id, why }, "profile not wiped");
    }
  }

  /**
   * Wipes what is here, and what is archived, of sessions that were removed, perhaps while this connector was down, once nobody
   * runs them any more. A directory of which the database knows nothing stays: it may be the wrong database. Never rejects.
   */
  async sweep(): Promise<void> {
    try {
      const names = await readdir(this.given.directory).catch(() => []);
      const here = names.filter((name) => sessionId.test(name));
      for (let from = 0; from < here.length; from += mostAtOnce) {
        const removed = await this.given.forgotten.ofRemoved(here.slice(from, from + mostAtOnce));
        for (const profile of removed) await this.wipe(profile, "removed");
      }
      await this.sweepArchives();
    } catch (err) {
      this.given.log.warn({ err }, "could not look for removed sessions' profiles");
    }
  }

  /** By the database, for the session's directory may be on no connector's disk any more. */
  private async sweepArchives(): Promise<void> {
    const { forgotten, profiles, log } = this.given;
    for (const profile of await forgotten.unwiped(mostAtOnce)) await this.wipe(profile, "removed");
    for (const profile of await forgotten.unwipedLogOuts(mostAtOnce)) {
      await profiles.removeArchives(profile).catch((err: unknown) => {
        log.error({ err, sessionId: profile.sessionId }, "archives of a logged-out profile not wiped");
      });
    }
  }
}
