import type { Scope } from "../../sql/query.ts";

/** When WhatsApp was last asked for the picture of a contact, with or without a new picture as the result. */
export class PictureCheckRepository {
  constructor(private readonly scope: Scope) {}

  /** Undefined when it was never asked. */
  async findLast(number: string): Promise<Date | undefined> {
    const row = await this.scope.row<{ checked_at: Date }>(
      "select checked_at from profile_picture_checks where company_id = :companyId and whatsapp_number = :number",
      { number },
    );
    return row?.checked_at;
  }

  async record(number: string, at: Date): Promise<void> {
    await this.scope.row(
      `insert into profile_picture_checks as c (company_id, whatsapp_number, checked_at) values (:companyId, :number, :at)
       on conflict (company_id, whatsapp_number) do update set checked_at = greatest(c.checked_at, excluded.checked_at)`,
      { number, at },
    );
  }
}
