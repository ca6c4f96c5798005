import type { ContactCard } from "@syszap/contracts";

const mostNumbers = 20;
const longestNumber = 100;
const longestName = 500;

/** One line of a vCard: `item1.TEL;type=CELL;waid=5511988887777:+55 11 98888-7777`. */
interface Line {
  name: string;
  params: Map<string, string>;
  value: string;
}

/** A contact as WhatsApp sends it (RFC 2426). Null for what holds neither a name nor a number. */
export function parseVcard(text: string, fallbackName?: string | null): ContactCard | null {
  const lines = linesOf(text);
  const textOf = (name: string) => lines.find((line) => line.name === name)?.value;
  const numbers = lines.filter(({ name, value }) => name === "TEL" && value !== "").slice(0, mostNumbers);
  const name = unescaped(textOf("FN") ?? "") || nameOfParts(textOf("N") ?? "") || fallbackName?.trim() || "";
  if (name === "" && numbers.length === 0) return null;
  const organisation = partsOf(textOf("ORG") ?? "").join(", ");
  return {
    name: name.slice(0, longestName),
    organisation: organisation === "" ? null : organisation.slice(0, longestName),
    numbers: numbers.map(({ params, value }) => ({
      text: unescaped(value).slice(0, longestNumber),
      whatsAppNumber: /^\d{5,20}$/.exec(params.get("WAID") ?? "")?.[0] ?? null,
    })),
  };
}

/** A line that begins with a blank goes on from the one before. */
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

/** Family, given, middle, before and after: in the order in which people say them. */
function nameOfParts(value: string): string {
  const [family, given, middle, before, after] = value.split(/(?<!\\);/).map(unescaped);
  return [before, given, middle, family, after].filter(Boolean).join(" ");
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
