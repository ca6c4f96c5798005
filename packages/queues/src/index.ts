export { type JobFate, readJobFates, removeFailedJob } from "./bullmq-layout.ts";
