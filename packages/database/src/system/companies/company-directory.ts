import type { Knex } from "knex";
import { queryOne, queryRows } from "../../sql/query.ts";

export interface Company {
  id: string;
  name: string;
}

/** All companies. */
export class CompanyDirectory {
  constructor(private readonly db: Knex) {}

  create(company: { name: string }): Promise<Company> {
    return queryOne<Company>(this.db, "insert into companies (name) values (:name) returning id, name", company);
  }

  /** Oldest first. */
  list(): Promise<Company[]> {
    return queryRows<Company>(this.db, "select id, name from companies order by created_at, id");
  }
}
