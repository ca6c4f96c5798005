import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../paths.ts";

const line = /^add_header (?<name>[\w-]+) "(?<value>[^"]*)" always;$/;

/** Reads the security headers of pages from the file that the nginx image includes, so that both servers send the same ones. */
export function readPageHeaders(file = join(root, "deploy/front/page-headers.conf")): Record<string, string> {
  const lines = readFileSync(file, "utf8").split("\n");
  const entries = lines.flatMap((text): [string, string][] => {
    if (text === "" || text.startsWith("#")) return [];
    const { name, value } = line.exec(text)?.groups ?? {};
    if (name === undefined || value === undefined) throw new Error(`${file} has a line of another form: ${text}`);
    return [[name, value]];
  });
  return Object.fromEntries(entries);
}
