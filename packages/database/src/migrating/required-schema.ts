import { StartError } from "@syszap/platform";
import type { Knex } from "knex";
import { migrations } from "../migrations/index.ts";
import { recordedNames } from "./records.ts";

const undefinedTable = "42P01";
const insufficientPrivilege = "42501";

/** Throws a `StartError` when migrations of this release have not run yet. Unknown ones, of a newer release, are accepted. */
export async function requireSchema(db: Knex): Promise<void> {
  const done = await readNames(db);
  const missing = Object.entries(migrations)
    .filter(([name, { isContract }]) => !isContract && !done.has(name))
    .map(([name]) => name);
  if (missing.length === 0) return;
  throw new StartError(
    `The database is older than this release: ${missing.length} migrations have not run, from ${missing[0]} on. ` +
      'Run the command "migrate" of this release first (Docker Compose: docker compose run --rm migrate; ' +
      "from the source: node packages/database/dist/migrate-command.js).",
  );
}

async function readNames(db: Knex): Promise<Set<string>> {
  try {
    return await recordedNames(db);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    // A database without any migration, or one whose roles do not yet have the right.
    if (code === undefinedTable || code === insufficientPrivilege) return new Set();
    throw error;
  }
}
