import { createHash } from "node:crypto";

/** A statement in the form that `pg` needs. */
interface Statement {
  name: string;
  text: string;
  /** Names of the bindings for $1, $2 and so on. */
  keys: string[];
}

/** Translates SQL with `:named` bindings to prepared statements, once for each text. */
export class StatementCache {
  private readonly statements = new Map<string, Statement>();

  constructor(private readonly limit: number) {}

  /** Throws when there are `limit` statements already: then some statement has a variable text. */
  get(sql: string): Statement {
    const known = this.statements.get(sql);
    if (known) return known;
    if (this.statements.size >= this.limit) {
      throw new Error(`more than ${this.limit} prepared statements: the text of a statement must be constant`);
    }
    const statement = translate(sql);
    this.statements.set(sql, statement);
    return statement;
  }
}

function translate(sql: string): Statement {
  const keys: string[] = [];
  // A cast such as "::uuid" is not a binding.
  const text = sql.replace(/(?<!:):([a-zA-Z]\w*)/g, (_, key: string) => {
    if (!keys.includes(key)) keys.push(key);
    return `$${keys.indexOf(key) + 1}`;
  });
  return { name: createHash("sha256").update(sql).digest("hex").slice(0, 32), text, keys };
}
