import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { root } from "./paths.ts";

export interface Entry {
  image?: string;
  build?: { context: string; dockerfile: string; args?: Record<string, string> };
  cap_drop?: string[];
  command?: string[];
  depends_on?: Record<string, { condition: string }>;
  environment?: Record<string, string | number>;
  healthcheck?: { test: string[] };
  logging?: { driver: string; options: Record<string, string> };
  mem_limit?: string;
  networks?: string[];
  profiles?: string[];
  read_only?: boolean;
  secrets?: string[];
  security_opt?: string[];
  shm_size?: string;
  tmpfs?: string[];
  user?: string;
  volumes?: string[];
}
interface Compose {
  services: Record<string, Entry>;
  networks: Record<string, { internal?: boolean } | null>;
}

export const readRoot = (file: string): string => readFileSync(join(root, file), "utf8");
export const composeText = readRoot("docker-compose.yml");
/** The file as it is written, with its `${NAME}`. */
export const compose: Compose = parse(composeText, { merge: true });

/** A text with these variables in place of its `${NAME}`. Throws for a required variable that is missing. */
export const fillVariables = (text: string, variables: Record<string, string | undefined>): string =>
  text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_match, name: string, operator?: string, other = "") => {
    const value = variables[name] ?? "";
    if (value !== "" || operator === undefined) return value;
    if (operator === "?") throw new Error(`${name}: ${other}`);
    return other;
  });

/** The file as Docker reads it with these variables. Throws for a required variable that is missing. */
export const composeWith = (env: Record<string, string>): Compose =>
  JSON.parse(JSON.stringify(compose), (_key, value) => (typeof value === "string" ? fillVariables(value, env) : value));

/** Variables of the file with their defaults; undefined for required ones. */
export function composeVariables(): Map<string, string | undefined> {
  const found = composeText.matchAll(/\$\{(\w+)(?::([-?])([^}]*))?\}/g);
  return new Map([...found].map(([, name = "", operator, value]) => [name, operator === "-" ? value : undefined]));
}

/** Reads `.env` as Docker does: names, values in single quotes or without, comments. */
export const readEnvironment = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/^([A-Z0-9_]+)=(?:'([^']*)'|(.*))$/gm)].map(([, name, quoted, plain]) => [name, quoted ?? plain]),
  );

const units: Record<string, number> = { k: 2 ** 10, m: 2 ** 20, g: 2 ** 30 };
/** Bytes of a size such as `512m` or `384MB`. */
export function bytesOf(size: string | undefined): number {
  const [, number, unit = ""] = /^(\d+)([kmg])b?$/i.exec(size ?? "") ?? [];
  return Number(number) * (units[unit.toLowerCase()] ?? Number.NaN);
}
