import { z } from "zod";
import { ContactIdentity, Origin, StoredFile } from "./parts.ts";

/** The current name or picture of a contact. An absent field did not change; a null picture was removed. */
export const ContactJob = Origin.extend({
  ...ContactIdentity.shape,
  name: z.string().max(500).optional(),
  picture: StoredFile.nullable().optional(),
  timestampMs: z.number().int().min(0),
});
export type ContactJob = z.infer<typeof ContactJob>;
