import { type DeadLetter, maxRedriven } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { auditActorOf } from "../auth/audit-actor.ts";
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

  redriveDeadLetters: ({ body, caller, req }) =>
    database.withCompany(caller.companyId, async ({ deadLetters, audit }) => {
      const redriven = await deadLetters.redriveAll(body, maxRedriven);
      await audit.record(auditActorOf(caller, req), { action: "dead_letters_redriven", after: redriven });
      return redriven;
    }),

  redriveDeadLetter: ({ params: { id }, caller, req }) =>
    database.withCompany(caller.companyId, async ({ deadLetters, audit }) => {
      const letter = await resultOf(await deadLetters.redrive(id), () => deadLetters.find(id));
      await audit.record(auditActorOf(caller, req), { action: "dead_letters_redriven", ...target(id) });
      return letter;
    }),

  discardDeadLetter: ({ params: { id }, body, caller, req }) =>
    database.withCompany(caller.companyId, async ({ deadLetters, audit }) => {
      const letter = await resultOf(await deadLetters.discard(id, body.note), () => deadLetters.find(id));
      await audit.record(auditActorOf(caller, req), { action: "dead_letter_discarded", ...target(id) });
      return letter;
    }),
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

const target = (id: string) => ({ target: { kind: "dead_letter", id } }) as const;
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
