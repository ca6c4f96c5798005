import { isDeepStrictEqual } from "node:util";
import type { SessionDetail, SessionReason } from "@syszap/contracts";
import type { Database, StoredProxy } from "@syszap/database";
import type { Logger, SealedSecrets } from "@syszap/platform";
import { openCredentials, type ProxyAddress } from "@syszap/platform/proxy";
import type { Lease } from "../lease.ts";

/** The credentials can't be decrypted. The session must not connect without its proxy. */
class ProxyUnreadableError extends Error {
  override readonly name = "ProxyUnreadableError";
}

interface SettingsDependencies {
  database: Database;
  proxySecrets: SealedSecrets | undefined;
  log: Logger;
  /** Called after a change was read. */
  proxyChanged(): Promise<void>;
  /** Called after groups were switched on or off. */
  groupsChanged(): void;
  /** Called if facts of groups may have been dropped since this time. */
  missed(sinceMs: number): void;
  /** Called if the session can't run with its settings. */
  end(detail: SessionDetail, reason: SessionReason): Promise<void>;
}

interface Settings {
  /** In the database, when the settings were read. */
  version: number;
  /** Undefined: the session connects directly. */
  proxy: ProxyAddress | undefined;
  /** When groups were switched on. Null: the session receives no groups. */
  groupsSince: Date | null;
}

/**
 * The settings of a session that users change while it runs. A signal reports a change at once; each renewal of the lease reports
 * the version in the database, so that a lost signal only delays the change.
 */
export class SessionSettings {
  private current: Settings = { version: 0, proxy: undefined, groupsSince: null };
  private applying: Promise<void> = Promise.resolve();

  constructor(
    private readonly lease: Lease,
    private readonly dependencies: SettingsDependencies,
  ) {}

  /** Those that engines are started with. */
  get ofEngine(): { proxy: ProxyAddress | undefined; groups: boolean } {
    const { proxy, groupsSince } = this.current;
    return { proxy, groups: groupsSince !== null };
  }

  get groupsSince(): Date | null {
    return this.current.groupsSince;
  }

  /** Reads the settings before the session starts. Ends the session if that fails: it must not connect without its proxy. */
  async load(): Promise<void> {
    try {
      this.current = await this.read();
    } catch (err) {
      this.dependencies.log.warn({ err }, "could not read the session's settings");
      if (err instanceof ProxyUnreadableError) return this.dependencies.end("failed", "proxy_unreadable");
      await this.dependencies.end("reconnecting", "connector_restarting"); // the next owner tries again
    }
  }

  /** A renewal reported this version. */
  async renewed(version: number): Promise<void> {
    await this.applying;
    if (version !== this.current.version) await this.apply();
  }

  /** Reads the settings and applies those that differ, one call at a time. Never rejects; the next renewal tries again. */
  apply(): Promise<void> {
    this.applying = this.applying
      .then(() => this.applyNow())
      .catch((err: unknown) => {
        this.dependencies.log.warn({ err }, "could not apply the session's settings");
        if (err instanceof ProxyUnreadableError) void this.dependencies.end("failed", "proxy_unreadable");
      });
    return this.applying;
  }

  private async applyNow(): Promise<void> {
    const before = this.current;
    this.current = await this.read();
    const { groupsSince } = this.current;
    if (before.groupsSince?.getTime() !== groupsSince?.getTime()) {
      this.dependencies.groupsChanged();
      // The signal took a moment, or was lost.
      if (groupsSince) this.dependencies.missed(groupsSince.getTime());
    }
    if (!isDeepStrictEqual(before.proxy, this.current.proxy)) await this.dependencies.proxyChanged();
  }

  private async read(): Promise<Settings> {
    const { companyId, sessionId } = this.lease;
    return this.dependencies.database.withCompany(companyId, async ({ sessions, sessionProxies }) => {
      // First: a change between the two reads raises the version, and the next renewal reads it again.
      const { version = 0, groupsSince = null } = (await sessions.findSettings(sessionId)) ?? {};
      return { version, groupsSince, proxy: this.open(await sessionProxies.find(sessionId)) };
    });
  }

  private open(stored: StoredProxy | undefined): ProxyAddress | undefined {
    if (!stored) return undefined;
    const { sealedCredentials: sealed, ...address } = stored;
    if (sealed === null) return { ...address, credentials: null };
    const { companyId, sessionId } = this.lease;
    const { proxySecrets } = this.dependencies;
    try {
      if (!proxySecrets) throw new Error("SESSION_ENCRYPTION_KEY is not set");
      return { ...address, credentials: openCredentials(proxySecrets, sealed, { companyId, sessionId }) };
    } catch (err) {
      throw new ProxyUnreadableError("the credentials of the proxy can't be decrypted", { cause: err });
    }
  }
}
