import type { Migration } from "@syszap/database";
import { initialSchema } from "./initial-schema.ts";
import { type Finding, readSql } from "./migration-sql.ts";
import { findWithOwnRules } from "./own-rules.ts";
import { findWithSquawk } from "./squawk.ts";

/** Rules about removing what a release uses. A contract migration breaks them on purpose. */
const contractRules = new Set([
  "ban-drop-column",
  "ban-drop-table",
  "ban-drop-constraint",
  "ban-drop-object",
  "ban-drop-not-null",
  "ban-revoke",
]);

/**
 * Returns one line for each statement of the migrations that would block the running services or break their release, and for each
 * exception that is no longer needed.
 */
export async function lintMigrations(migrations: Record<string, Migration>): Promise<string[]> {
  const sources = await Promise.all(Object.entries(migrations).map(([name, each]) => readSql(name, each)));
  const findings: Finding[] = [...(await findWithSquawk(sources))];
  for (const source of sources) findings.push(...(await findWithOwnRules(source)));
  return sources.flatMap((source) => {
    const own = findings.filter(({ migration }) => migration === source.name);
    const isAllowed = (rule: string) =>
      rule in source.allows ||
      (source.isContract && contractRules.has(rule)) ||
      initialSchema[source.name]?.includes(rule) === true;
    const known = [...Object.keys(source.allows), ...(initialSchema[source.name] ?? [])];
    const stale = known.filter((rule) => !own.some((finding) => finding.rule === rule));
    return [
      ...own.filter(({ rule }) => !isAllowed(rule)).map(({ rule, message }) => `${source.name}: ${rule}: ${message}`),
      ...stale.map((rule) => `${source.name}: ${rule} is allowed, but not broken: remove the exception`),
    ];
  });
}
