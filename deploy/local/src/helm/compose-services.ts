import { compose, type Entry } from "../compose-file.ts";

export function composeService(name: string): Entry {
  const service = compose.services[name];
  if (service === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return service;
}

/** Variables of a text such as `${NAME:-default}`, in order. Required ones (`${NAME:?message}`) have no default. */
export function variablesIn(text: string): { name: string; fallback: string | undefined }[] {
  return [...text.matchAll(/\$\{(\w+):([-?])([^}]*)\}/g)].map(([, name = "", operator, value]) => ({
    name,
    fallback: operator === "-" ? value : undefined,
  }));
}

/** A size of compose such as `${NAME:-1280m}` or `size=64m` in the notation of Kubernetes. */
export function quantityOf(size: string | undefined): string {
  const [, number, unit = ""] = /(\d+)([mg])b?\}?$/.exec(size ?? "") ?? [];
  if (number === undefined) throw new Error(`docker-compose.yml has a size that the chart cannot take over: ${size}`);
  return `${number}${unit.toUpperCase()}i`;
}
