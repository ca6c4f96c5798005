import { type Client, visibleName } from "@syszap/contracts";
import { isoOf } from "../../sql/timestamps.ts";

export interface ClientRow {
  id: string;
  name: string | null;
  /** '' while the number is not known. */
  whatsapp_number: string;
  username: string | null;
  picture_media_id: string | null;
  last_contact_at: Date | null;
  version: number;
}
export const toClient = (row: ClientRow): Client => ({
  id: row.id,
  name: visibleName(row.name) ?? (row.username ? `@${row.username}` : row.whatsapp_number),
  whatsappNumber: row.whatsapp_number || null,
  username: row.username,
  profilePictureUrl: row.picture_media_id && `/v1/media/${row.picture_media_id}`,
  lastContactAt: isoOf(row.last_contact_at),
  version: row.version,
});
