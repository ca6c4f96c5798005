import { deletionGraceMs, type PlatformCompany } from "@syszap/contracts";
import type { AuditActor, Database } from "@syszap/database";
import type { Revoker } from "../auth/revoker.ts";
import { ProblemError } from "../problem.ts";

interface CompaniesDependencies {
  database: Database;
  revoker: Revoker;
}

/** Renames, suspends, reopens and deletes companies. Used by the REST API and by the command line. */
export class Companies {
  constructor(private readonly dependencies: CompaniesDependencies) {}

  async find(id: string): Promise<PlatformCompany> {
    const company = await this.lifecycle.find(id);
    if (!company) throw new ProblemError("not_found", "There is no company with this id. Check the id.");
    return company;
  }

  async rename(id: string, name: string, actor: AuditActor): Promise<PlatformCompany> {
    await this.find(id);
    if (!(await this.lifecycle.rename(id, name, actor))) throw deletionHasBegun();
    return this.find(id);
  }

  /** Repeats the signals for a company that is suspended already, in case they were lost. */
  async suspend(id: string, actor: AuditActor): Promise<PlatformCompany> {
    await this.find(id);
    if (!(await this.lifecycle.suspend(id, actor)))
      throw new ProblemError("conflict", "The company is already suspended, because its deletion is scheduled.");
    await this.dependencies.revoker.send(id);
    return this.find(id);
  }

  async reopen(id: string, actor: AuditActor): Promise<PlatformCompany> {
    await this.find(id);
    if (!(await this.lifecycle.reopen(id, actor)))
      throw new ProblemError("conflict", "The company's deletion is scheduled. Cancel the deletion first.");
    await this.dependencies.revoker.send(id);
    return this.find(id);
  }

  /** `typedName` must be the company's name. */
  async scheduleDeletion(id: string, typedName: string, actor: AuditActor): Promise<PlatformCompany> {
    const company = await this.find(id);
    if (typedName.trim() !== company.name)
      throw new ProblemError("invalid", "Type the company's name exactly as it is shown.", {
        errors: [{ path: "name", message: "is not the company's name" }],
      });
    if (!(await this.lifecycle.scheduleDeletion(id, deletionGraceMs, actor))) throw deletionHasBegun();
    await this.dependencies.revoker.send(id);
    return this.find(id);
  }

  async cancelDeletion(id: string, actor: AuditActor): Promise<PlatformCompany> {
    await this.find(id);
    if (!(await this.lifecycle.cancelDeletion(id, actor))) throw deletionHasBegun();
    return this.find(id);
  }

  private get lifecycle() {
    return this.dependencies.database.system.companyLifecycle;
  }
}

const deletionHasBegun = () =>
  new ProblemError("conflict", "The removal of this company's data has begun. It can no longer be changed.");
