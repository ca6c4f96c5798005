import type { Role } from "@syszap/contracts";
import type { Knex } from "knex";
import type { PreparedStatements } from "./prepared-statements.ts";

type Bindings = Record<string, Knex.RawBinding>;

/** Rows of a statement with `:named` bindings. */
export async function queryRows<Row>(db: Knex, sql: string, bindings: Bindings = {}): Promise<Row[]> {
  const result: { rows: Row[] } = await db.raw(sql, bindings);
  return result.rows;
}

export async function queryRow<Row>(db: Knex, sql: string, bindings: Bindings = {}): Promise<Row | undefined> {
  return (await queryRows<Row>(db, sql, bindings))[0];
}

/** Like `queryRow`, for statements that always return a row; throws when there is none. */
export async function queryOne<Row>(db: Knex, sql: string, bindings: Bindings = {}): Promise<Row> {
  const row = await queryRow<Row>(db, sql, bindings);
  if (row === undefined) throw new Error("the statement returned no row");
  return row;
}

/** Role, teams and visible sessions of a person, read at the beginning of the transaction. */
export interface PersonReach {
  userId: string;
  /** Undefined when the user is disabled or does not exist; such a person sees nothing. */
  role: Role | undefined;
  teamIds: readonly string[];
  /** The sessions whose chats the person sees. Null: all. */
  sessionIds: readonly string[] | null;
}

/** The condition that the session in `column` is within the reach of the person for whom the transaction acts, if there is one. */
export const isReached = (column: string): string =>
  `(:reachedSessions::uuid[] is null or ${column} = any(:reachedSessions::uuid[]))`;

/**
 * The transaction of a repository, and the company it is limited to. Every statement can use the bindings `:companyId` and
 * `:reachedSessions`.
 */
export class Scope {
  constructor(
    readonly db: Knex.Transaction,
    readonly companyId: string,
    /** For statements that run for every message. */
    readonly prepared: PreparedStatements,
    /** Set when the transaction acts for a person. */
    readonly person?: PersonReach,
  ) {}

  isReached(sessionId: string): boolean {
    return this.person?.sessionIds?.includes(sessionId) ?? true;
  }

  rows<Row>(sql: string, bindings: Bindings = {}): Promise<Row[]> {
    return queryRows(this.db, sql, this.bound(bindings));
  }

  row<Row>(sql: string, bindings: Bindings = {}): Promise<Row | undefined> {
    return queryRow(this.db, sql, this.bound(bindings));
  }

  /** Like `row`, for statements that always return a row; throws when there is none. */
  one<Row>(sql: string, bindings: Bindings = {}): Promise<Row> {
    return queryOne(this.db, sql, this.bound(bindings));
  }

  private bound(bindings: Bindings): Bindings {
    const reachedSessions = this.person?.sessionIds ? [...this.person.sessionIds] : null;
    return { ...bindings, companyId: this.companyId, reachedSessions };
  }
}
