import { CreateCompanyRequest, FirstOwner, type PlatformCompany } from "@syszap/contracts";
import { ProblemError } from "../problem.ts";
import type { Command, Input, Output } from "./command-line.ts";
import type { Context } from "./context.ts";
import { invitationText, table } from "./text.ts";

const argument = "COMPANY";

export const companyCommands: Record<string, Command<Context>> = {
  "company create": {
    summary: "create a company and invite its first owner",
    options: {
      name: { value: "NAME", isRequired: true },
      "owner-email": { value: "ADDRESS", isRequired: true },
      "owner-name": { value: "NAME", isRequired: true },
      language: { value: "pt-BR|en" },
    },
    run: async ({ inviteOwner, companies }, input) => {
      const name = input.parse("name", CreateCompanyRequest.shape.name);
      const owner = {
        email: input.parse("owner-email", FirstOwner.shape.email),
        name: input.parse("owner-name", FirstOwner.shape.name),
        language: input.parse("language", FirstOwner.shape.language),
      };
      const { companyId, invitation } = await inviteOwner.createCompany(name, owner, { kind: "system" });
      const company = await companies.find(companyId);
      return {
        text: `Company ${company.name} created (${companyId}).\n${invitationText(invitation)}`,
        json: { company, invitation },
      };
    },
  },
  "company list": {
    summary: "list companies, newest first",
    options: { search: { value: "TEXT" } },
    run: async ({ database }, input) => {
      const items = await allCompanies(database.system.companyLifecycle, input.text("search") || undefined);
      const rows = items.map((item) => [
        item.id,
        item.name,
        item.state,
        `${item.users} people`,
        `${item.connectedSessions}/${item.sessions} sessions`,
      ]);
      const none = "There is no company. Create one: syszap company create --name … --owner-email … --owner-name …";
      return { text: rows.length > 0 ? table(rows) : none, json: items };
    },
  },
  "company suspend": {
    summary: "sign everybody out and stop the sessions of a company",
    argument,
    run: (context, input) =>
      change(context, input, (id) => context.companies.suspend(id, { kind: "system" }), "suspended"),
  },
  "company reopen": {
    summary: "reopen a suspended company",
    argument,
    run: (context, input) =>
      change(context, input, (id) => context.companies.reopen(id, { kind: "system" }), "reopened"),
  },
  "company delete": {
    summary: "delete all data of a company in seven days, or cancel that",
    argument,
    options: { confirm: { value: "NAME" }, cancel: {} },
    run: async (context, input) => {
      const { companies } = context;
      const actor = { kind: "system" } as const;
      if (input.isOn("cancel"))
        return change(context, input, (id) => companies.cancelDeletion(id, actor), "kept, and is still suspended");
      const { id } = await findCompany(context, input.argument);
      const company = await companies.scheduleDeletion(id, input.text("confirm"), actor);
      return {
        text: `${company.name} is suspended. Its data is removed after ${company.deletionDueAt}. To cancel: syszap company delete ${id} --cancel`,
        json: company,
      };
    },
  },
};

async function change(
  context: Context,
  input: Input,
  run: (id: string) => Promise<PlatformCompany>,
  done: string,
): Promise<Output> {
  const company = await run((await findCompany(context, input.argument)).id);
  return { text: `${company.name} was ${done}.`, json: company };
}

/** Finds a company by its id or its complete name. */
export async function findCompany({ database }: Context, named: string): Promise<PlatformCompany> {
  const items = await allCompanies(database.system.companyLifecycle);
  const found = items.filter(({ id, name }) => id === named || name === named);
  if (found.length > 1) throw new ProblemError("conflict", `Several companies are named "${named}". Use the id.`);
  const [company] = found;
  if (!company)
    throw new ProblemError("not_found", `There is no company "${named}". List them with: syszap company list`);
  return company;
}

async function allCompanies(
  companies: Context["database"]["system"]["companyLifecycle"],
  search?: string,
): Promise<PlatformCompany[]> {
  const items: PlatformCompany[] = [];
  for (let before: string | undefined; ; ) {
    const page = await companies.list({ search, before, limit: 100 });
    items.push(...page.items);
    if (page.next === null) return items;
    before = page.next;
  }
}
