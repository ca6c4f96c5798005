import { type DeadLetter, maxRedriven } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { HandlersOf } from "../endpoint.ts";
import { ProblemError } from "../problem.ts";

type CompanyEndpoints = "listDeadLetters" | "redriveDeadLetters" | "redriveDeadLetter" | "discardDeadLetter";
type OperatorEndpoints =
  | "listAllDeadLetters"
  | "redriveAllDeadLetters"
  | "redriveAnyDeadLetter"
  | "discardAnyDeadLetter";

/** Dead letters of the caller's company. */
export const deadLetterRoutes = (database: Database): HandlersOf<CompanyEndpoints> => ({
  listDeadLetters: ({ query, caller }) =>
    database.withCompany(caller.companyId, ({ deadLetters }) => deadLetters.list(query)),

  redriveDeadLetters: ({ body, caller }) =>
    database.withCompany(caller.companyId, ({ deadLetters }) => deadLetters.redriveAll(body, maxRedriven)),

  redriveDeadLetter: ({ params, caller }) =>
    database.withCompany(caller.companyId, async ({ deadLetters }) =>
      resultOf(await deadLetters.redrive(params.id), () => deadLetters.find(params.id)),
    ),

  discardDeadLetter: ({ params, body, caller }) =>
    database.withCompany(caller.companyId, async ({ deadLetters }) =>
      resultOf(await deadLetters.discard(params.id, body.note), () => deadLetters.find(params.id)),
    ),
});

/** Dead letters of all companies, and those without a company. */
export const operatorDeadLetterRoutes = ({ system: { deadLetters } }: Database): HandlersOf<OperatorEndpoints> => ({
  listAllDeadLetters: ({ query: { companyId, ...query } }) =>
    deadLetters.list({ ...query, ...companyFilter(companyId) }),

  redriveAllDeadLetters: ({ body: { companyId, ...filter } }) =>
    deadLetters.redriveAll({ ...filter, ...companyFilter(companyId) }, maxRedriven),

  redriveAnyDeadLetter: async ({ params }) =>
    resultOf(await deadLetters.redrive(params.id), () => deadLetters.find(params.id)),

  discardAnyDeadLetter: async ({ params, body }) =>
    resultOf(await deadLetters.discard(params.id, body.note), () => deadLetters.find(params.id)),
});

const companyFilter = (companyId: string | undefined) => ({ companyId: companyId === "none" ? null : companyId });

async function resultOf(
  letter: DeadLetter | undefined,
  find: () => Promise<DeadLetter | undefined>,
): Promise<DeadLetter> {
  if (letter) return letter;
  const found = await find();
  if (!found) throw new ProblemError("not_found", "No dead letter has this id. Check the id.");
  throw new ProblemError("conflict", conflictDetail(found));
}

function conflictDetail({ state }: DeadLetter): string {
  if (state === "resting")
    return "The payload was not kept, or another request is changing the dead letter. Reload the list.";
  return state === "redriving"
    ? "The dead letter is already being redriven. If that fails, it returns to the list."
    : `The dead letter was ${state} and can no longer be changed.`;
}
