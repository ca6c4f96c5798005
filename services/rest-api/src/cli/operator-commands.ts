import { CreateOperatorRequest, type OneTimePassword, type OperatorAccount } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { ProblemError } from "../problem.ts";
import type { Command, Output } from "./command-line.ts";
import type { Context } from "./context.ts";

export const operatorCommands: Record<string, Command<Context>> = {
  "operator create": {
    summary: "create an operator of the platform with a one-time password",
    options: { email: { value: "ADDRESS", isRequired: true }, name: { value: "NAME", isRequired: true } },
    run: async ({ operators }, input) => {
      const { email, name } = CreateOperatorRequest.shape;
      return toOutput(await operators.create({ email: input.parse("email", email), name: input.parse("name", name) }));
    },
  },
  "operator reset": {
    summary: "give an operator a new one-time password",
    argument: "ADDRESS",
    run: async ({ operators, database }, { argument }) => {
      return toOutput(await operators.reset((await findOperator(database, argument)).id));
    },
  },
  "operator reset-factor": {
    summary: "remove the second factor of an operator who lost the device, and sign the operator out",
    argument: "ADDRESS",
    run: async ({ operators, database }, { argument }) => {
      const { id, email } = await findOperator(database, argument);
      await operators.resetSecondFactor(id);
      return { text: `${email} has no second factor now and was signed out.`, json: { operatorId: id } };
    },
  },
};

async function findOperator(database: Database, email: string): Promise<OperatorAccount> {
  const account = await database.system.operators.findAccountByEmail(email);
  if (!account) throw new ProblemError("not_found", `There is no operator with the address ${email}.`);
  return account;
}

const toOutput = (created: OneTimePassword): Output => ({
  text: [
    `Operator ${created.operator.email}. One-time password, valid until ${created.expiresAt}:`,
    "",
    `  ${created.oneTimePassword}`,
    "",
    "Sign in at the page /operator and choose a password there.",
  ].join("\n"),
  json: created,
});
