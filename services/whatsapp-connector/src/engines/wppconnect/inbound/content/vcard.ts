import type { ContactCard } from "@syszap/contracts";

const maxNumbers = 20;
const maxNumberLength = 100;
const maxNameLength = 500;

/** One line of a vCard: `item1.TEL;type=CELL;waid=5511988887777:+55 11 98888-7777`. */
interface Line {
  name: string;
  params: Map<string, string>;
  value: string;
}

/** Parses a contact card (vCard 3.0, RFC 2426). Returns null if it has neither a name nor a number. */
export function parseVcard(text: string, fallbackName?: string | null): ContactCard | null {
  const lines = linesOf(text);
  const textOf = (name: string) => lines.find((line) => line.name === name)?.value;
  const numbers = lines.filter(({ name, value }) => name === "TEL" && value !== "").slice(0, maxNumbers);
  const name = unescaped(textOf("FN") ?? "") || nameOfParts(textOf("N") ?? "") || fallbackName?.trim() || "";
  if (name === "" && numbers.length === 0) return null;
  const organisation = partsOf(textOf("ORG") ?? "").join(", ");
  return {
    name: name.slice(0, maxNameLength),
    organisation: organisation === "" ? null : organisation.slice(0, maxNameLength),
    numbers: numbers.map(({ params, value }) => ({
      text: unescaped(value).slice(0, maxNumberLength),
      whatsAppNumber: /^\d{5,20}$/.exec(params.get("WAID") ?? "")?.[0] ?? null,
    })),
  };
}

/** Splits a vCard into lines. A line that begins with white space continues the previous one. */
function linesOf(text: string): Line[] {
  return text
    .replaceAll(/\r?\n[ \t]/g, "")
    .split(/\r?\n/)
    .flatMap((line) => {
      const colon = line.indexOf(":");
      if (colon < 1) return [];
      const [name = "", ...params] = line.slice(0, colon).split(";");
      const pairs = params.map((param): [string, string] => {
        const [key = "", value = ""] = param.split("=", 2);
        return [key.toUpperCase(), value];
      });
      const value = line.slice(colon + 1).trim();
      return [{ name: name.slice(name.lastIndexOf(".") + 1).toUpperCase(), params: new Map(pairs), value }];
    });
}

/** The parts are family name, given name, middle name, prefix and suffix. They are joined in spoken order. */
function nameOfParts(value: string): string {
  const [family, given, middle, prefix, suffix] = value.split(/(?<!\\);/).map(unescaped);
  return [prefix, given, middle, family, suffix].filter(Boolean).join(" ");
}

const partsOf = (value: string) =>
  value
    .split(/(?<!\\);/)
    .map(unescaped)
    .filter((part) => part !== "");
const unescaped = (value: string) =>
  value
    .replaceAll(/\\([\\;,])/g, "$1")
    .replaceAll(/\\n/gi, "\n")
    .trim();
