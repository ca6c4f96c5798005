import { randomUUID } from "node:crypto";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { SessionReason } from "@syszap/contracts";
import type { ForgottenProfile, SystemRepositories } from "@syszap/database";
import { createPrivateDirectory, type Logger } from "@syszap/platform";
import type { Profiles } from "../profiles/index.ts";

interface ProfileDirectoriesDependencies {
  directory: string;
  profiles: Pick<Profiles, "forgetProfile" | "removeArchives">;
  leases: Pick<SystemRepositories["leases"], "isHeld">;
  forgotten: Pick<SystemRepositories["forgottenProfiles"], "ofRemoved" | "unwiped" | "unwipedLogOuts">;
  log: Logger;
}

const sessionId = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
const maxPerQuery = 500;

/** Profile directories on this connector's disk. Only a log-out or the removal of the session wipes one. */
export class ProfileDirectories {
  constructor(private readonly dependencies: ProfileDirectoriesDependencies) {}

  /** Returns why an engine cannot use the directory, or undefined when it can. */
  async faultOf(session: string): Promise<SessionReason | undefined> {
    const path = join(this.dependencies.directory, session);
    const probe = join(path, `.writable-${randomUUID()}`);
    try {
      await createPrivateDirectory(path);
      await writeFile(probe, "");
      await rm(probe);
      return undefined;
    } catch (err) {
      const code = err instanceof Error && "code" in err ? err.code : "unknown";
      this.dependencies.log.error({ err }, "the profile directory cannot be written");
      return code === "ENOSPC" || code === "EDQUOT" ? "profile_disk_full" : "profile_not_writable";
    }
  }

  /**
   * Wipes the profile of a logged-out session. Call it after the engine has ended. Does nothing when another connector may run the
   * session. Never rejects.
   */
  async wipeLoggedOut(profile: ForgottenProfile): Promise<void> {
    const { leases, log } = this.dependencies;
    const { sessionId: id, generation } = profile;
    try {
      if (await leases.isHeld(profile)) return await this.wipe(profile, "logged out");
      log.warn({ sessionId: id, generation }, "profile not wiped: another connector may run the session");
    } catch (err) {
      log.error({ err, sessionId: id }, "profile not wiped");
    }
  }

  private async wipe(profile: ForgottenProfile, why: "logged out" | "removed"): Promise<void> {
    const { directory, profiles, log } = this.dependencies;
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
   * Wipes the directories and archives of removed sessions that no connector runs. Covers removals while this connector was
   * down. A directory that is unknown to the database stays: the database may be the wrong one. Never rejects.
   */
  async sweep(): Promise<void> {
    try {
      const names = await readdir(this.dependencies.directory).catch(() => []);
      const here = names.filter((name) => sessionId.test(name));
      for (let from = 0; from < here.length; from += maxPerQuery) {
        const removed = await this.dependencies.forgotten.ofRemoved(here.slice(from, from + maxPerQuery));
        for (const profile of removed) await this.wipe(profile, "removed");
      }
      await this.sweepArchives();
    } catch (err) {
      this.dependencies.log.warn({ err }, "could not look for profiles of removed sessions");
    }
  }

  /** Finds archives through the database: the session's directory may exist on no connector's disk. */
  private async sweepArchives(): Promise<void> {
    const { forgotten, profiles, log } = this.dependencies;
    for (const profile of await forgotten.unwiped(maxPerQuery)) await this.wipe(profile, "removed");
    for (const profile of await forgotten.unwipedLogOuts(maxPerQuery)) {
      await profiles.removeArchives(profile).catch((err: unknown) => {
        log.error({ err, sessionId: profile.sessionId }, "archives of a logged-out profile not wiped");
      });
    }
  }
}
