export { countJobs, type JobCounts, readOldestWaitingAt } from "./backlog.ts";
export { type JobFate, readJobFates, removeFailedJob } from "./bullmq-layout.ts";
export { jobIdOf } from "./job-id.ts";
