import { InviteUserRequest } from "@syszap/contracts";
import { ProblemError } from "../problem.ts";
import type { Command } from "./command-line.ts";
import { findCompany } from "./company-commands.ts";
import type { Context } from "./context.ts";
import { invitationText } from "./text.ts";

const argument = "ADDRESS";
const actor = { kind: "system" } as const;

export const userCommands: Record<string, Command<Context>> = {
  "user invite": {
    summary: "invite a person to a company",
    options: {
      company: { value: "COMPANY", isRequired: true },
      email: { value: "ADDRESS", isRequired: true },
      name: { value: "NAME", isRequired: true },
      role: { value: "owner|admin|agent", isRequired: true },
      language: { value: "pt-BR|en" },
    },
    run: async (context, input) => {
      const { email, name, role, language } = InviteUserRequest.shape;
      const person = {
        email: input.parse("email", email),
        name: input.parse("name", name),
        role: input.parse("role", role),
        language: input.parse("language", language),
      };
      const { id: companyId } = await findCompany(context, input.text("company"));
      const { user, invitation } = await context.people.invite({ companyId, actor }, person);
      return {
        text: `${user.name} was invited.\n${invitationText({ ...invitation, email: user.email })}`,
        json: { userId: user.id, invitation },
      };
    },
  },
  "user reset": {
    summary: "create a link with which a person sets a new password",
    argument,
    run: async (context, input) => {
      const { companyId, userId, email } = await findUser(context, input.argument);
      const link = await context.people.resetPassword({ companyId, actor }, userId);
      return { text: invitationText({ ...link, email }), json: { userId, ...link } };
    },
  },
  "user reset-factor": {
    summary: "remove the second factor of a person who lost the device, and sign the person out",
    argument,
    run: async (context, input) => {
      const { companyId, userId, email } = await findUser(context, input.argument);
      await context.people.resetSecondFactor({ companyId, actor }, userId);
      return { text: `${email} has no second factor now and was signed out.`, json: { userId, companyId } };
    },
  },
  "user disable": {
    summary: "disable a person, who is signed out at once",
    argument,
    run: async (context, input) => {
      const { companyId, userId, email } = await findUser(context, input.argument);
      await context.people.update({ companyId, actor }, userId, { disabled: true });
      return { text: `${email} was disabled and signed out.`, json: { userId, companyId } };
    },
  },
};

async function findUser({ database }: Context, email: string) {
  const user = await database.system.logins.findByEmail(email);
  if (!user) throw new ProblemError("not_found", `There is no user with the address ${email}.`);
  return user;
}
