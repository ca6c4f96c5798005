import type { Knex } from "knex";
import type { Scope } from "../../sql/query.ts";

/** A second factor as stored. */
export interface StoredSecondFactor {
  sealedSecret: Buffer;
  /** Null until a first code was entered. Only then signing in asks for codes. */
  activatedAt: Date | null;
  recoveryCodesLeft: number;
}
interface FactorRow {
  sealed_secret: Buffer;
  activated_at: Date | null;
  codes_left: number;
}
interface FactorTable {
  name: "second_factors" | "operator_second_factors";
  /** Key columns, and the bindings with their values. */
  key: Record<string, string>;
}

/** Second factors of the users of a company, or of the operators. Ids are those of users or operators. */
export class SecondFactorStore {
  private readonly table: string;
  private readonly key: string;
  private readonly values: string;
  private readonly isOwners: string;

  constructor(
    private readonly row: <Row>(sql: string, bindings: Record<string, Knex.RawBinding>) => Promise<Row | undefined>,
    { name, key }: FactorTable,
  ) {
    this.table = name;
    this.key = Object.keys(key).join(", ");
    this.values = Object.values(key).join(", ");
    this.isOwners = Object.entries(key)
      .map(([column, value]) => `${name}.${column} = ${value}`)
      .join(" and ");
  }

  async find(id: string): Promise<StoredSecondFactor | undefined> {
    const row = await this.row<FactorRow>(
      `select sealed_secret, activated_at, cardinality(recovery_hashes) as codes_left from ${this.table}
       where ${this.isOwners}`,
      { id },
    );
    return row && { sealedSecret: row.sealed_secret, activatedAt: row.activated_at, recoveryCodesLeft: row.codes_left };
  }

  /** Stores a new secret that is not active yet, in place of another such one. False when there is an active one. */
  async begin(id: string, sealedSecret: Buffer): Promise<boolean> {
    return this.changes(
      `insert into ${this.table} (${this.key}, sealed_secret) values (${this.values}, :sealedSecret)
       on conflict (${this.key}) do update set sealed_secret = excluded.sealed_secret, created_at = now()
         where ${this.table}.activated_at is null`,
      { id, sealedSecret },
    );
  }

  /** False unless this secret is stored and not active. `step` is the time step of the first code. */
  async activate(
    id: string,
    factor: { sealedSecret: Buffer; step: number; recoveryHashes: Buffer[] },
  ): Promise<boolean> {
    return this.changes(
      `update ${this.table} set activated_at = now(), last_step = :step, recovery_hashes = :recoveryHashes::bytea[]
       where ${this.isOwners} and activated_at is null and sealed_secret = :sealedSecret`,
      { id, ...factor },
    );
  }

  /** Uses the code of a time step. False when this code or a later one was used: of two concurrent calls, one gets true. */
  async useStep(id: string, step: number): Promise<boolean> {
    return this.changes(
      `update ${this.table} set last_step = :step
       where ${this.isOwners} and activated_at is not null and (last_step is null or last_step < :step)`,
      { id, step },
    );
  }

  /** Uses a recovery code. False when it is unknown or was used: of two concurrent calls, one gets true. */
  async useRecoveryCode(id: string, hash: Buffer): Promise<boolean> {
    return this.changes(
      `update ${this.table} set recovery_hashes = array_remove(recovery_hashes, :hash::bytea)
       where ${this.isOwners} and activated_at is not null and :hash::bytea = any (recovery_hashes)`,
      { id, hash },
    );
  }

  async replaceRecoveryCodes(id: string, recoveryHashes: Buffer[]): Promise<boolean> {
    return this.changes(
      `update ${this.table} set recovery_hashes = :recoveryHashes::bytea[]
       where ${this.isOwners} and activated_at is not null`,
      { id, recoveryHashes },
    );
  }

  /** False when there was no active one. */
  async remove(id: string): Promise<boolean> {
    const removed = await this.row<{ was_active: boolean }>(
      `delete from ${this.table} where ${this.isOwners} returning activated_at is not null as was_active`,
      { id },
    );
    return removed?.was_active ?? false;
  }

  private async changes(sql: string, bindings: Record<string, Knex.RawBinding>): Promise<boolean> {
    return (await this.row(`${sql} returning true as changed`, bindings)) !== undefined;
  }
}

export const secondFactorsOfCompany = (scope: Scope): SecondFactorStore =>
  new SecondFactorStore((sql, bindings) => scope.row(sql, bindings), {
    name: "second_factors",
    key: { company_id: ":companyId", user_id: ":id" },
  });
