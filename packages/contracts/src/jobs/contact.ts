import { z } from "zod";
import { Origin, Person, StoredFile } from "./parts.ts";

/** A contact's name or picture, as WhatsApp has it now. What is absent did not change; a null picture was taken away. */
export const ContactJob = Origin.extend({
  ...Person.shape,
  name: z.string().max(500).optional(),
  picture: StoredFile.nullable().optional(),
  timestampMs: z.number().int().min(0),
});
export type ContactJob = z.infer<typeof ContactJob>;
