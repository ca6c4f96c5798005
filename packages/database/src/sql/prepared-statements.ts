import { createHash } from "node:crypto";
import type { Knex } from "knex";

interface Statement {
  name: string;
  text: string;
  /** What stands for $1, $2 and so on. */
  keys: string[];
}
/** All that is used of a client of `pg`. */
interface Client {
  query<Row>(query: { name: string; text: string; values: unknown[] }): Promise<{ rows: Row[] }>;
  connection: { stream: { cork(): void; uncork(): void } };
}
const statements = new Map<string, Statement>();

/**
 * Statements of one transaction that come with every message: each connection has them parsed once, and planned a few times
 * instead of every time. They go out at once, in the order of the calls, whether or not those before were answered (the pool's
 * connections are pipelined). Their text must be constant: Postgres and this process keep each for as long as they can.
 */
export class PreparedStatements {
  private readonly sent: Promise<void>[] = [];
  private failure: unknown;
  private isHeld = false;

  private constructor(private readonly client: Client) {}

  static async of(transaction: Knex.Transaction): Promise<PreparedStatements> {
    return new PreparedStatements(await transaction.client.acquireConnection()); // the transaction's own
  }

  /** Rows of a statement with `:named` bindings. */
  async rows<Row>(sql: string, bindings: Record<string, unknown> = {}): Promise<Row[]> {
    const { name, text, keys } = statements.get(sql) ?? prepare(sql);
    this.hold();
    return (await this.client.query<Row>({ name, text, values: keys.map((key) => bindings[key]) })).rows;
  }

  /**
   * For what has no answer: whoever calls goes on at once, and what follows on this connection finds it done. When it fails, so
   * does all that follows, and `settled` says why.
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

  /** Waits for the answers to all that was sent; rejects with what failed first. A commit counts only after this resolved. */
  async settled(): Promise<void> {
    await Promise.all(this.sent);
    if (this.failure !== undefined) throw this.failure;
  }

  /** What is asked in one turn of the event loop, the commit included, leaves in one packet. */
  private hold(): void {
    if (this.isHeld) return;
    this.isHeld = true;
    const { stream } = this.client.connection;
    stream.cork();
    process.nextTick(() => {
      this.isHeld = false;
      stream.uncork();
    });
  }
}

function prepare(sql: string): Statement {
  const keys: string[] = [];
  // A cast ("::uuid") is no binding.
  const text = sql.replace(/(?<!:):([a-zA-Z]\w*)/g, (_, key: string) => {
    if (!keys.includes(key)) keys.push(key);
    return `$${keys.indexOf(key) + 1}`;
  });
  const statement = { name: createHash("sha256").update(sql).digest("hex").slice(0, 32), text, keys };
  statements.set(sql, statement);
  return statement;
}
