import type { Database } from "@syszap/database";
import type { Publisher } from "@syszap/event-bus";
import type { Logger, SealedSecrets } from "@syszap/platform";
import type { EngineRegistry } from "../engines/contract/engine.ts";
import type { InboundDependencies } from "../inbound/inbound.ts";
import type { OutboundDependencies } from "../outbound/outbound.ts";
import type { PauseLock, Profiles, ScheduleOptions } from "../profiles/index.ts";
import type { ProfileDirectories } from "./profile-directories.ts";
import type { SessionTimes } from "./times.ts";

export interface SessionDependencies {
  engines: EngineRegistry;
  profiles: Profiles;
  profileDirectories: ProfileDirectories;
  archiveSchedule: ScheduleOptions & { pauseLock: PauseLock };
  database: Database;
  publisher: Publisher;
  /** Absent: this connector has no key for the credentials of proxies. */
  proxySecrets: SealedSecrets | undefined;
  inbound: Omit<InboundDependencies, "log" | "groupsSince">;
  outbound: Omit<OutboundDependencies, "log">;
  times: SessionTimes;
  log: Logger;
}
