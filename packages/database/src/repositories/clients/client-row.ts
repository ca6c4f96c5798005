import { type Client, visibleName } from "@syszap/contracts";
import { isoOf } from "../../sql/timestamps.ts";

export interface ClientRow {
  id: string;
  name: string | null;
  whatsapp_number: string;
  picture_media_id: string | null;
  last_contact_at: Date | null;
  version: number;
}
/** A client without a name, or with one that shows nothing, is shown by the number. */
export const toClient = (row: ClientRow): Client => ({
  id: row.id,
  name: visibleName(row.name) ?? row.whatsapp_number,
  whatsappNumber: row.whatsapp_number,
  profilePictureUrl: row.picture_media_id && `/v1/media/${row.picture_media_id}`,
  lastContactAt: isoOf(row.last_contact_at),
  version: row.version,
});
