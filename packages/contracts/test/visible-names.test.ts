import { expect, test } from "vitest";
import type { z } from "zod";
import { type RouteDefinition, routes } from "../src/index.ts";

/** U+3164, U+2800, U+200E, U+200B, U+00AD, U+202E and U+034F show nothing. */
const invisible = ["\u3164", "\u2800", "\u200E", "\u200B", "\u00AD", "\u202E", "\u034F", "\u200B \u3164", "\u0301"];
/** Fields whose text is shown as a name or title. */
const nameField = /^(.*name|title|question|organisation)$/i;
/** Names that must equal an existing one, and names of a fixed pattern of ASCII characters. */
const exceptions = new Set([
  "scheduleCompanyDeletion.name",
  "deleteOwnCompany.name",
  "eraseClient.name",
  "redriveDeadLetters.jobName",
  "redriveAllDeadLetters.jobName",
  "setSessionProxy.credentials.username",
  "createConsumer.name",
]);

interface Definition {
  type: string;
  shape?: Record<string, z.ZodType>;
  options?: z.ZodType[];
  element?: z.ZodType;
  innerType?: z.ZodType;
  in?: z.ZodType;
}

/** The fields with names of a request, by their paths. */
function namesIn(schema: z.ZodType, path: string): [string, z.ZodType][] {
  const definition = schema._zod.def as Definition;
  if (definition.shape)
    return Object.entries(definition.shape).flatMap(([key, field]): [string, z.ZodType][] =>
      nameField.test(key) ? [[`${path}.${key}`, field]] : namesIn(field, `${path}.${key}`),
    );
  const parts = definition.options ?? [definition.element, definition.innerType, definition.in];
  return parts.flatMap((part) => (part ? namesIn(part, path) : []));
}

const fields = Object.entries<RouteDefinition>(routes).flatMap(([name, { body }]) => (body ? namesIn(body, name) : []));
const names = fields.filter(([path]) => !exceptions.has(path));

test("the requests have names of people, teams, companies, sessions, API keys and what is sent", () => {
  const paths = names.map(([path]) => path);
  for (const path of [
    "inviteUser.name",
    "createTeam.name",
    "createCompany.name",
    "createCompany.owner.name",
    "createOperator.name",
    "createSession.name",
    "createApiKey.name",
    "openChat.name",
    "splitClient.name",
    "broadcast.title",
    "sendMessage.contacts.name",
    "sendMessage.poll.question",
  ])
    expect(paths).toContain(path);
});

test("every exception is a field of a request", () => {
  expect(fields.map(([path]) => path)).toEqual(expect.arrayContaining([...exceptions]));
});

test.for(names)("%s is refused if it shows nothing, and accepted if a character is visible", ([, field]) => {
  for (const name of invisible) {
    const { error } = field.safeParse(name);
    expect(error?.issues.map(({ message }) => message)).toContain("must contain a visible character");
  }
  for (const name of ["Ana", "\u200BAna", "مريم", "👩‍🍳", "김"]) expect(field.safeParse(name).success).toBe(true);
});
