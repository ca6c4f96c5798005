export { ArchiveSchedule, PauseLock, type ScheduleOptions } from "./archive-schedule.ts";
export { Profiles, profileLimitBytes } from "./profiles.ts";
export type { SessionProfile } from "./session-profile.ts";
