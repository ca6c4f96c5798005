import pLimit, { type LimitFunction } from "p-limit";

interface CompanySlots {
  limit: LimitFunction;
  /** Calls that run or wait. */
  users: number;
}

/** Two semaphores in a row: the one of the company, so that a company with many resumes delays no other, then the one of the process. */
export class ResumeSlots {
  private readonly ofProcess: LimitFunction;
  private readonly ofCompanies = new Map<string, CompanySlots>();

  constructor(private readonly limits: { resumesAtOnce: number; resumesAtOncePerCompany: number }) {
    this.ofProcess = pLimit(limits.resumesAtOnce);
  }

  /** Number of companies with calls that run or wait. */
  get companyCount(): number {
    return this.ofCompanies.size;
  }

  async run<Result>(companyId: string, task: () => Promise<Result>): Promise<Result> {
    const slots = this.ofCompanies.get(companyId) ?? { limit: pLimit(this.limits.resumesAtOncePerCompany), users: 0 };
    this.ofCompanies.set(companyId, slots);
    slots.users += 1;
    try {
      return await slots.limit(() => this.ofProcess(task));
    } finally {
      slots.users -= 1;
      if (slots.users === 0) this.ofCompanies.delete(companyId);
    }
  }
}
