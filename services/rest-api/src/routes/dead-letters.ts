import { type DeadLetter, maxRedriven } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { HandlersOf } from "../endpoint.ts";
import { ProblemError } from "../problem.ts";

type Own = "listDeadLetters" | "redriveDeadLetters" | "redriveDeadLetter" | "discardDeadLetter";
type Any = "listAllDeadLetters" | "redriveAllDeadLetters" | "redriveAnyDeadLetter" | "discardAnyDeadLetter";

/** A company's own. */
export const deadLetterRoutes = (database: Database): HandlersOf<Own> => ({
  listDeadLetters: ({ query, caller }) =>
    database.withCompany(caller.companyId, ({ deadLetters }) => deadLetters.list(query)),

  redriveDeadLetters: ({ body, caller }) =>
    database.withCompany(caller.companyId, ({ deadLetters }) => deadLetters.redriveAll(body, maxRedriven)),

  redriveDeadLetter: ({ params, caller }) =>
    database.withCompany(caller.companyId, async ({ deadLetters }) =>
      changed(await deadLetters.redrive(params.id), () => deadLetters.find(params.id)),
    ),

  discardDeadLetter: ({ params, body, caller }) =>
    database.withCompany(caller.companyId, async ({ deadLetters }) =>
      changed(await deadLetters.discard(params.id, body.note), () => deadLetters.find(params.id)),
    ),
});

/** Everybody's, and nobody's. */
export const operatorDeadLetterRoutes = ({ system: { deadLetters } }: Database): HandlersOf<Any> => ({
  listAllDeadLetters: ({ query: { companyId, ...query } }) => deadLetters.list({ ...query, ...of(companyId) }),

  redriveAllDeadLetters: ({ body: { companyId, ...filter } }) =>
    deadLetters.redriveAll({ ...filter, ...of(companyId) }, maxRedriven),

  redriveAnyDeadLetter: async ({ params }) =>
    changed(await deadLetters.redrive(params.id), () => deadLetters.find(params.id)),

  discardAnyDeadLetter: async ({ params, body }) =>
    changed(await deadLetters.discard(params.id, body.note), () => deadLetters.find(params.id)),
});

const of = (companyId: string | undefined) => ({ companyId: companyId === "none" ? null : companyId });

async function changed(
  letter: DeadLetter | undefined,
  find: () => Promise<DeadLetter | undefined>,
): Promise<DeadLetter> {
  if (letter) return letter;
  const found = await find();
  if (!found) throw new ProblemError("not_found", "There is no such dead letter. Check the id.");
  throw new ProblemError("conflict", refusalOf(found));
}

function refusalOf({ state }: DeadLetter): string {
  if (state === "resting") return "Its payload was not kept, or somebody else is changing it: look at the list again.";
  return state === "redriving"
    ? "It is being tried again already. Failing, it comes back to the list."
    : `It was ${state}, and is kept only to be read about.`;
}
