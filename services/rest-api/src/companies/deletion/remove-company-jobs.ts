import type { JobType, Queue } from "bullmq";

const jobTypes: JobType[] = ["wait", "prioritized", "delayed", "failed", "completed"];

/** Removes all jobs of a company except running ones, reading `pageSize` jobs at a time. Returns how many. */
export async function removeCompanyJobs(queue: Queue, companyId: string, pageSize: number): Promise<number> {
  let removed = 0;
  for (const type of jobTypes) removed += await removeOfType(queue, type, companyId, pageSize);
  return removed;
}

async function removeOfType(queue: Queue, type: JobType, companyId: string, pageSize: number): Promise<number> {
  let removed = 0;
  for (let from = 0; ; ) {
    const page = await queue.getJobs([type], from, from + pageSize - 1, true);
    const own = page.filter((job) => job?.data?.companyId === companyId);
    for (const job of own) await job.remove();
    removed += own.length;
    // Removed jobs move the following ones forward.
    from += page.length - own.length;
    if (page.length < pageSize) return removed;
  }
}
