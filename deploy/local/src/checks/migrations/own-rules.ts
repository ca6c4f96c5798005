import { parse } from "libpg-query";
import type { Finding, MigrationSql } from "./migration-sql.ts";

type Node = Record<string, unknown>;

/** Applies rules that squawk does not have. Finds statements in the syntax tree of Postgres' own parser. */
export async function findWithOwnRules({ name, statements, isOnline }: MigrationSql): Promise<Finding[]> {
  const { stmts = [] } = await parse(statements.join("\n"));
  const parsed = stmts.flatMap(({ stmt = {} }) => Object.entries(stmt) as [string, Node][]);
  const created = new Set(parsed.flatMap(([kind, statement]) => createdBy(kind, statement)));
  const isNew = (statement: Node) => {
    const names = namesOf(statement);
    return names.length > 0 && names.every((each) => created.has(each));
  };
  const found: Finding[] = [];
  const report = (rule: string, message: string) => found.push({ migration: name, rule, message });
  const isAlone = parsed.length === 1;
  for (const [kind, statement] of parsed) {
    if (isOnline && !mayRunOnline.has(kind))
      report(
        "short-lock",
        "Change tables in a migration of its own: an online migration waits long for locks, and others wait behind it.",
      );
    if (!isOnline && statement.concurrent === true)
      report("needs-online", "Set isOnline: this statement cannot run in a transaction.");
    const check = rules[kind];
    if (check && !isNew(statement)) check(statement, { isOnline, isAlone }, report);
  }
  return found;
}

const mayRunOnline = new Set([
  "IndexStmt",
  "DropStmt",
  "ReindexStmt",
  "UpdateStmt",
  "DeleteStmt",
  "InsertStmt",
  "SelectStmt",
  "VacuumStmt",
]);

interface Circumstances {
  isOnline: boolean;
  /** The migration has no other statement. */
  isAlone: boolean;
}
type Report = (rule: string, message: string) => void;
type Rule = (statement: Node, circumstances: Circumstances, report: Report) => void;

const writesTable: Rule = (statement, { isOnline }, report) => {
  if (!(isOnline && hasLimit(statement)))
    report(
      "whole-table-write",
      "Write existing rows in an online migration, in batches with a limit: rows stay locked until the commit.",
    );
};

/** `insert … values` writes few rows, `insert … select` all that it finds. */
const insertsRows: Rule = (statement, circumstances, report) => {
  const source = (statement.selectStmt as { SelectStmt?: Node } | undefined)?.SelectStmt;
  if (source?.fromClause !== undefined) writesTable(statement, circumstances, report);
};

const locksTable =
  (what: string): Rule =>
  (_statement, _circumstances, report) =>
    report("locks-table", `${what} blocks the table for a long time.`);

const altersTable: Rule = (statement, { isAlone }, report) => {
  const commands = statement.cmds as { AlterTableCmd: { subtype: string } }[];
  for (const { AlterTableCmd: command } of commands) {
    if (command.subtype === "AT_ValidateConstraint" && !(isAlone && commands.length === 1))
      report(
        "validate-alone",
        "Validate a constraint in a migration of its own: the locks of other statements are held meanwhile.",
      );
    if (command.subtype === "AT_DropConstraint")
      report("ban-drop-constraint", "The running release may rely on this constraint, also in `on conflict`.");
    if (/^AT_Disable(Trig|Rule)/.test(command.subtype))
      report("locks-table", "Disabling triggers lets the running release write rows without them.");
  }
};

const contracting = new Set(["OBJECT_FUNCTION", "OBJECT_TYPE", "OBJECT_VIEW", "OBJECT_TRIGGER", "OBJECT_POLICY"]);
const drops: Rule = (statement, _circumstances, report) => {
  if (contracting.has(String(statement.removeType)))
    report("ban-drop-object", "The running release may use this function, type, view, trigger or policy.");
};

const grants: Rule = (statement, _circumstances, report) => {
  if (statement.is_grant !== true) report("ban-revoke", "The running release may need this right.");
};

const setsVariable: Rule = (statement, _circumstances, report) => {
  if (/timeout$/.test(String(statement.name))) report("own-timeout", "The migrating process sets the timeouts.");
};

const vacuums: Rule = (statement, circumstances, report) => {
  if (JSON.stringify(statement.options ?? []).includes('"full"'))
    locksTable("VACUUM FULL")(statement, circumstances, report);
};

const rules: Record<string, Rule> = {
  UpdateStmt: writesTable,
  DeleteStmt: writesTable,
  InsertStmt: insertsRows,
  LockStmt: locksTable("LOCK TABLE"),
  TruncateStmt: locksTable("TRUNCATE"),
  ClusterStmt: locksTable("CLUSTER"),
  RefreshMatViewStmt: locksTable("REFRESH MATERIALIZED VIEW"),
  VacuumStmt: vacuums,
  AlterTableStmt: altersTable,
  DropStmt: drops,
  GrantStmt: grants,
  VariableSetStmt: setsVariable,
  DoStmt: (_statement, _circumstances, report) =>
    report("opaque-block", "The linter cannot look into DO blocks: write plain statements."),
};

/** The tables or functions that the statement creates. Replacing a function changes the one that services use. */
const createdBy = (kind: string, statement: Node): string[] =>
  kind === "CreateStmt" || (kind === "CreateFunctionStmt" && statement.replace !== true) ? namesOf(statement) : [];

interface Named {
  relname?: string;
  funcname?: { String: { sval: string } }[];
  objname?: { String: { sval: string } }[];
}

/** Names of the tables and functions that a statement creates, changes, or grants rights on. */
function namesOf({ relation, funcname, objects }: Node): string[] {
  const granted = Array.isArray(objects) ? objects.flatMap((each: object) => Object.values(each) as Named[]) : [];
  const named = [relation as Named | undefined, { funcname } as Named, ...granted];
  return named.flatMap((each) => {
    const name = each?.relname ?? (each?.funcname ?? each?.objname)?.at(-1)?.String.sval;
    return name === undefined ? [] : [name];
  });
}

/** True when a query within the statement limits how many rows it writes. */
function hasLimit(node: unknown): boolean {
  if (typeof node !== "object" || node === null) return false;
  if ("limitCount" in node) return true;
  return Object.values(node).some(hasLimit);
}
