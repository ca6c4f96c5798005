import { ProblemError } from "../problem.ts";

const minDistinctCharacters = 5;
/** Shorter names and addresses appear in good passwords by chance. */
const minNameLength = 4;

/** Why a password is too easy to guess for this person, or undefined. The length is checked with the request. */
function passwordFault(password: string, { email, name }: { email: string; name: string }): string | undefined {
  const text = password.toLowerCase();
  if (new Set(text).size < minDistinctCharacters)
    return `must have at least ${minDistinctCharacters} different characters`;
  const [localPart = ""] = email.toLowerCase().split("@");
  const own = [localPart, name.toLowerCase()].filter((part) => part.length >= minNameLength);
  if (own.some((part) => text.includes(part))) return "must not contain your name or e-mail address";
  return undefined;
}

/** Rejects with 422 when the password is too easy to guess. */
export function requireGoodPassword(password: string, person: { email: string; name: string }): void {
  const message = passwordFault(password, person);
  if (message === undefined) return;
  throw new ProblemError("invalid", "Choose a password that is harder to guess.", {
    errors: [{ path: "password", message }],
  });
}
