export { ArchiveSchedule, PauseLock, type ScheduleOptions } from "./archive-schedule.ts";
export { ProfileKeys } from "./profile-keys.ts";
export { Profiles, profileLimitBytes } from "./profiles.ts";
export type { SessionProfile } from "./session-profile.ts";
