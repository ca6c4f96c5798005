import type { Knex } from "knex";
import { StatementCache } from "./statement-cache.ts";

/** The used part of a `pg` client. */
interface Client {
  query<Row>(query: { name?: string; text: string; values: unknown[] }): Promise<{ rows: Row[] }>;
  connection: { stream: { cork(): void; uncork(): void } };
}
/** Far more than the package has statements. */
const statements = new StatementCache(1_000);

/**
 * Runs prepared statements in one transaction. Use it for statements that run for every message: each connection parses them once
 * and plans them a few times instead of every time. Statements are sent in the order of the calls without waiting for earlier
 * results, because the pool's connections are pipelined. The text of a statement must be constant: Postgres and this process keep
 * every text, so a variable text would fill their memory.
 */
export class PreparedStatements {
  private readonly sent: Promise<void>[] = [];
  private failure: unknown;
  private isCorked = false;

  private constructor(
    private readonly client: Client,
    private readonly companyId: string,
    private readonly isNamed: boolean,
  ) {}

  /** Statements without names are parsed and planned each time, for poolers that do not support names. */
  static async of(transaction: Knex.Transaction, companyId: string, isNamed = true): Promise<PreparedStatements> {
    const client = await transaction.client.acquireConnection(); // returns the connection of the transaction
    return new PreparedStatements(client, companyId, isNamed);
  }

  /** Rows of a statement with `:named` bindings. Every statement can use `:companyId`. */
  async rows<Row>(sql: string, bindings: Record<string, unknown> = {}): Promise<Row[]> {
    const { name, text, keys } = statements.get(sql);
    const bound: Record<string, unknown> = { ...bindings, companyId: this.companyId };
    this.cork();
    const values = keys.map((key) => bound[key]);
    return (await this.client.query<Row>({ ...(this.isNamed && { name }), text, values })).rows;
  }

  /**
   * Runs a statement without waiting for its result; later statements of the transaction see its effect. When it fails, later
   * statements fail too, and `settled` rejects with the cause.
   */
  send(sql: string, bindings: Record<string, unknown> = {}): void {
    const answered = this.rows(sql, bindings).then(
      () => undefined,
      (error: unknown) => {
        this.failure ??= error;
      },
    );
    this.sent.push(answered);
  }

  /** Waits for all sent statements, and rejects with the first failure. The transaction is committed only if this resolves. */
  async settled(): Promise<void> {
    await Promise.all(this.sent);
    if (this.failure !== undefined) throw this.failure;
  }

  /** Combines the statements of one turn of the event loop, including the commit, into one packet. */
  private cork(): void {
    if (this.isCorked) return;
    this.isCorked = true;
    const { stream } = this.client.connection;
    stream.cork();
    process.nextTick(() => {
      this.isCorked = false;
      stream.uncork();
    });
  }
}
