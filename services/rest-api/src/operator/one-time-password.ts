import { randomInt } from "node:crypto";

/** Without characters that look alike. */
const alphabet = "23456789abcdefghjkmnpqrstuvwxyz";
const groups = 5;
const groupLength = 5;
export const oneTimePasswordLifeMs = 7 * 24 * 3_600_000;

/** Five groups of five characters, with 120 bits of randomness. */
export function newOneTimePassword(): string {
  const character = () => alphabet[randomInt(alphabet.length)];
  return Array.from({ length: groups }, () => Array.from({ length: groupLength }, character).join("")).join("-");
}
