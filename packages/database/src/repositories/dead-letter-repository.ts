import type { Page } from "@syszap/contracts";
import {
  type DeadLetter,
  type DeadLetterRow,
  deadLetterColumns,
  deadLetterKey,
  type NewDeadLetter,
  toDeadLetter,
} from "../rows/dead-letters.ts";
import { addDeadLetter } from "../rows/new-dead-letter.ts";
import { fromPageKey, toPage } from "../rows/page-key.ts";
import { queryRows, type Scope } from "../rows/query.ts";

/** What of this company could not be processed. Letters that name no company are the operator's alone. */
export class DeadLetterRepository {
  constructor(private readonly scope: Scope) {}

  /** In the transaction that gives up what it is about. False when this failure was written down before. */
  add(letter: Omit<NewDeadLetter, "companyId">): Promise<boolean> {
    return addDeadLetter(this.scope.db, { ...letter, companyId: this.scope.companyId });
  }

  /** Newest first. */
  async list(page: { before?: string | undefined; limit: number }): Promise<Page<DeadLetter>> {
    const before = fromPageKey(page.before, deadLetterKey);
    const rows = await queryRows<DeadLetterRow>(
      this.scope.db,
      `select ${deadLetterColumns} from dead_letters where company_id = :companyId
         ${before ? "and (created_at, id) < (to_timestamp(:ms::bigint / 1000.0), :id::uuid)" : ""}
       order by created_at desc, id desc limit :limit`,
      { companyId: this.scope.companyId, limit: page.limit + 1, ...(before && { ms: before.value, id: before.id }) },
    );
    return toPage(rows, page.limit, {
      item: toDeadLetter,
      key: (row) => ({ value: String(row.created_at.getTime()), id: row.id }),
    });
  }
}
