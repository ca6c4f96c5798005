import type { Operator } from "@syszap/contracts";
import type { Knex } from "knex";
import { queryRow, queryRows } from "../../sql/query.ts";
import { hashOfToken, newSecretToken } from "../secret-token.ts";
import { hasSecondFactor, type OperatorCredentials } from "./operator-repository.ts";

interface OperatorLogin {
  id: string;
  expiresAt: Date;
}
interface IssuedOperatorLogin extends OperatorLogin {
  /** Available only here; the database stores its hash. */
  token: string;
}

/** Whether an operator must have a second factor. A login without a required one counts as ended. */
export interface OperatorFactorRule {
  needsSecondFactor: boolean;
}

const isActive = `l.ended_at is null and l.expires_at > now() and o.disabled_at is null
  and (not :needsSecondFactor::boolean or ${hasSecondFactor})`;

/** Logins of operators. A login has one token and ends after a fixed time (decision 051). */
export class OperatorLogins {
  constructor(private readonly db: Knex) {}

  /** Undefined when the password changed or the operator was disabled since `passwordHash` was read. */
  async start(
    { operator: { id }, passwordHash }: Pick<OperatorCredentials, "operator" | "passwordHash">,
    lifeMs: number,
  ): Promise<IssuedOperatorLogin | undefined> {
    const { token, hash } = newSecretToken();
    // `for share` waits for a change that is not committed yet, so that the change also ends this login.
    const login = await queryRow<OperatorLogin>(
      this.db,
      `with unchanged as (
         select id from operators where id = :id and password_hash = :passwordHash and disabled_at is null for share
       )
       insert into operator_logins (operator_id, token_hash, expires_at)
       select id, :hash, now() + :lifeMs * interval '1 millisecond' from unchanged
       returning id, expires_at as "expiresAt"`,
      { id, passwordHash, hash, lifeMs },
    );
    return login && { ...login, token };
  }

  /** Undefined when the login has ended, or when the operator is disabled. */
  async findByToken(
    token: string,
    rule: OperatorFactorRule,
  ): Promise<(OperatorLogin & { operator: Operator }) | undefined> {
    const row = await queryRow<OperatorLogin & { operatorId: string; email: string; name: string }>(
      this.db,
      `select l.id, l.expires_at as "expiresAt", o.id as "operatorId", o.email, o.name
       from operator_logins l join operators o on o.id = l.operator_id
       where l.token_hash = :hash and ${isActive}`,
      { hash: hashOfToken(token), ...rule },
    );
    if (!row) return undefined;
    const { operatorId, email, name, ...login } = row;
    return { ...login, operator: { id: operatorId, email, name } };
  }

  async isActive(login: { operatorId: string; loginId: string }, rule: OperatorFactorRule): Promise<boolean> {
    const row = await queryRow(
      this.db,
      `select from operator_logins l join operators o on o.id = l.operator_id
       where l.id = :loginId and o.id = :operatorId and ${isActive}`,
      { ...login, ...rule },
    );
    return row !== undefined;
  }

  /** Resolves also when the login has ended. */
  async end(token: string): Promise<void> {
    await queryRows(
      this.db,
      "update operator_logins set ended_at = now() where token_hash = :hash and ended_at is null",
      { hash: hashOfToken(token) },
    );
  }

  /** Deletes logins that expired more than 90 days ago, except the newest of each operator, which shows the last sign-in. */
  async deleteOld(): Promise<void> {
    await queryRows(
      this.db,
      `delete from operator_logins l where l.expires_at < now() - interval '90 days'
         and exists (select from operator_logins newer
           where newer.operator_id = l.operator_id and newer.created_at > l.created_at)`,
    );
  }
}
