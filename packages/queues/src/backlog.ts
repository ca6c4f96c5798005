import type { Queue } from "bullmq";

/** Jobs that no worker has started. BullMQ keeps those with a priority in a set of their own. */
const waitingStates = ["waiting", "prioritized"] as const;

export interface JobCounts {
  waiting: number;
  /** Jobs with a priority: recovered facts, which wait until no other job waits. */
  prioritized: number;
  active: number;
  /** Jobs that wait for their next attempt. */
  delayed: number;
}

export async function countJobs(queue: Queue): Promise<JobCounts> {
  const {
    waiting = 0,
    prioritized = 0,
    active = 0,
    delayed = 0,
  } = await queue.getJobCounts(...waitingStates, "active", "delayed");
  return { waiting, prioritized, active, delayed };
}

/** When the longest waiting job was added, with or without a priority. Undefined when no job waits. */
export async function readOldestWaitingAt(queue: Queue): Promise<Date | undefined> {
  const firstOfEachState = await queue.getJobs([...waitingStates], 0, 0, true);
  const [oldest] = firstOfEachState.map(({ timestamp }) => timestamp).sort((one, other) => one - other);
  return oldest === undefined ? undefined : new Date(oldest);
}
