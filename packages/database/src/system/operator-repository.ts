import type { Knex } from "knex";
import { queryRow } from "../sql/query.ts";

/** A person who runs the platform. */
export interface Operator {
  id: string;
  email: string;
  name: string;
}
interface OperatorRow extends Operator {
  password_hash: string;
}

/** Operators of the platform. No method finds a disabled one. */
export class OperatorRepository {
  constructor(private readonly db: Knex) {}

  async find(id: string): Promise<Operator | undefined> {
    return queryRow<Operator>(this.db, "select id, email, name from operators where id = :id and disabled_at is null", {
      id,
    });
  }

  /** Includes the password hash for signing in. Case does not matter. */
  async findByEmail(email: string): Promise<{ operator: Operator; passwordHash: string } | undefined> {
    const row = await queryRow<OperatorRow>(
      this.db,
      "select id, email, name, password_hash from operators where email = lower(:email) and disabled_at is null",
      { email },
    );
    return row && { operator: { id: row.id, email: row.email, name: row.name }, passwordHash: row.password_hash };
  }

  /** Undefined when there is an operator already, even a disabled one: then only operators may create others. */
  async createFirst(operator: { email: string; name: string; passwordHash: string }): Promise<Operator | undefined> {
    return queryRow<Operator>(
      this.db,
      `insert into operators (email, name, password_hash)
       select lower(:email), :name, :passwordHash where not exists (select from operators)
       on conflict (email) do nothing returning id, email, name`,
      operator,
    );
  }
}
