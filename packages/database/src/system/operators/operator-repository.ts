import type { Operator, OperatorAccount } from "@syszap/contracts";
import type { Knex } from "knex";
import { EmailTakenError } from "../../errors.ts";
import { queryRow, queryRows } from "../../sql/query.ts";
import { operatorFactorStore } from "./operator-second-factors.ts";

interface OperatorRow extends Operator {
  password_hash: string;
  password_expires_at: Date | null;
  has_second_factor: boolean;
}
interface AccountRow extends Operator {
  disabled_at: Date | null;
  password_expires_at: Date | null;
  has_second_factor: boolean;
  created_at: Date;
  last_login_at: Date | null;
}
/** An operator with the data that signing in needs. */
export interface OperatorCredentials {
  operator: Operator;
  passwordHash: string;
  /** Set for a one-time password. */
  passwordExpiresAt: Date | null;
  hasSecondFactor: boolean;
}
interface OneTimeHash {
  passwordHash: string;
  expiresAt: Date;
}

/** Of the operator `o`. */
export const hasSecondFactor = `exists (select from operator_second_factors f
  where f.operator_id = o.id and f.activated_at is not null)`;
const credentials = `select o.id, o.email, o.name, o.password_hash, o.password_expires_at,
  ${hasSecondFactor} as has_second_factor from operators o where o.disabled_at is null`;
const toCredentials = (row: OperatorRow): OperatorCredentials => ({
  operator: { id: row.id, email: row.email, name: row.name },
  passwordHash: row.password_hash,
  passwordExpiresAt: row.password_expires_at,
  hasSecondFactor: row.has_second_factor,
});
const accounts = `select o.id, o.email, o.name, o.disabled_at, o.password_expires_at, o.created_at,
  ${hasSecondFactor} as has_second_factor,
  (select max(created_at) from operator_logins l where l.operator_id = o.id) as last_login_at from operators o`;
const toAccount = (row: AccountRow): OperatorAccount => ({
  id: row.id,
  email: row.email,
  name: row.name,
  isDisabled: row.disabled_at !== null,
  hasOneTimePassword: row.password_expires_at !== null,
  hasSecondFactor: row.has_second_factor,
  createdAt: row.created_at.toISOString(),
  lastLoginAt: row.last_login_at?.toISOString() ?? null,
});

/** Operators of the platform. */
export class OperatorRepository {
  constructor(private readonly db: Knex) {}

  /** Undefined for a disabled operator. */
  async find(id: string): Promise<OperatorCredentials | undefined> {
    const row = await queryRow<OperatorRow>(this.db, `${credentials} and o.id = :id`, { id });
    return row && toCredentials(row);
  }

  /** Case does not matter. Undefined for a disabled operator. */
  async findByEmail(email: string): Promise<OperatorCredentials | undefined> {
    const row = await queryRow<OperatorRow>(this.db, `${credentials} and o.email = lower(:email)`, { email });
    return row && toCredentials(row);
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

  /** Oldest first. */
  async list(): Promise<OperatorAccount[]> {
    return (await queryRows<AccountRow>(this.db, `${accounts} order by o.created_at, o.id`)).map(toAccount);
  }

  async findAccount(id: string): Promise<OperatorAccount | undefined> {
    const row = await queryRow<AccountRow>(this.db, `${accounts} where o.id = :id`, { id });
    return row && toAccount(row);
  }

  async findAccountByEmail(email: string): Promise<OperatorAccount | undefined> {
    const row = await queryRow<AccountRow>(this.db, `${accounts} where o.email = lower(:email)`, { email });
    return row && toAccount(row);
  }

  /** Throws `EmailTakenError`. Undefined when the platform has `max` active operators. */
  async create(
    operator: { email: string; name: string } & OneTimeHash,
    max: number,
  ): Promise<OperatorAccount | undefined> {
    return this.db.transaction(async (trx) => {
      if ((await lockActive(trx)) >= max) return undefined;
      const row = await queryRow<{ id: string }>(
        trx,
        `insert into operators (email, name, password_hash, password_expires_at)
         values (lower(:email), :name, :passwordHash, :expiresAt) on conflict (email) do nothing returning id`,
        { ...operator },
      );
      if (!row) throw new EmailTakenError();
      return new OperatorRepository(trx).findAccount(row.id);
    });
  }

  /** Replaces a one-time password by the operator's own one. False when the one-time password was replaced meanwhile. */
  async choosePassword(id: string, { from, to }: { from: string; to: string }): Promise<boolean> {
    const row = await queryRow(
      this.db,
      `update operators set password_hash = :to, password_expires_at = null
       where id = :id and password_hash = :from and disabled_at is null returning id`,
      { id, from, to },
    );
    return row !== undefined;
  }

  /** Sets a one-time password and ends all logins. False when the operator is unknown or disabled. */
  async reset(id: string, { passwordHash, expiresAt }: OneTimeHash): Promise<boolean> {
    return this.db.transaction(async (trx) => {
      const row = await queryRow(
        trx,
        `update operators set password_hash = :passwordHash, password_expires_at = :expiresAt
         where id = :id and disabled_at is null returning id`,
        { id, passwordHash, expiresAt },
      );
      if (row) await endLogins(trx, id);
      return row !== undefined;
    });
  }

  /** Removes the second factor and ends all logins. False when there was no second factor. */
  async resetSecondFactor(id: string): Promise<boolean> {
    return this.db.transaction(async (trx) => {
      const wasOn = await operatorFactorStore(trx).remove(id);
      if (wasOn) await endLogins(trx, id);
      return wasOn;
    });
  }

  /** Disables the operator and ends all logins. False for the last active operator. */
  async disable(id: string): Promise<boolean> {
    return this.db.transaction(async (trx) => {
      await lockActive(trx);
      const row = await queryRow(
        trx,
        `update operators set disabled_at = coalesce(disabled_at, now())
         where id = :id and (disabled_at is not null
           or exists (select from operators o where o.id <> :id and o.disabled_at is null))
         returning id`,
        { id },
      );
      if (row) await endLogins(trx, id);
      return row !== undefined;
    });
  }

  /** False when the platform has `max` active operators. */
  async enable(id: string, max: number): Promise<boolean> {
    return this.db.transaction(async (trx) => {
      if ((await lockActive(trx)) >= max) return false;
      await queryRows(trx, "update operators set disabled_at = null where id = :id", { id });
      return true;
    });
  }
}

/** Serialises changes of the number of active operators, and returns it. */
async function lockActive(trx: Knex): Promise<number> {
  await queryRows(trx, "select pg_advisory_xact_lock(hashtext('active operators'))");
  return (await queryRows(trx, "select from operators where disabled_at is null")).length;
}

const endLogins = (trx: Knex, operatorId: string) =>
  queryRows(trx, "update operator_logins set ended_at = now() where operator_id = :operatorId and ended_at is null", {
    operatorId,
  });
