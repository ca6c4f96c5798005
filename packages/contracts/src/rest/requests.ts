import { z } from "zod";
import { EngineName } from "../vocabulary.ts";
import { Me } from "./resources.ts";

/** One less than what WhatsApp itself accepts. */
export const maxMessageBodyLength = 65_535;

/** Text that Postgres, JSON and WhatsApp all keep byte for byte: no NUL, no half of a surrogate pair. */
export const StorableText = z
  .string()
  .refine((text) => !text.includes("\u0000"), "must not contain the NUL character")
  .refine((text) => text.isWellFormed(), "must be well-formed Unicode: it holds half of a surrogate pair");

export const LoginRequest = z.object({ email: z.email().max(320), password: z.string().min(1).max(1_000) });
/** The refresh token travels beside it, in an httpOnly cookie. */
export const LoginAnswer = z.object({ accessToken: z.string(), expiresInSeconds: z.number().int(), me: Me });
export type LoginAnswer = z.infer<typeof LoginAnswer>;

export const CreateSessionRequest = z.object({
  name: StorableText.pipe(z.string().trim().min(1).max(80)),
  engine: EngineName.optional(),
});
export const SendMessageRequest = z.object({
  body: StorableText.pipe(z.string().min(1).max(maxMessageBodyLength)).refine(
    (body) => body.trim() !== "",
    "must not be blank",
  ),
});

export const maxPageSize = 100;
/** Keyset pagination: `before` is the `next` of the page before. */
export const PageRequest = z.object({
  before: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(maxPageSize).default(50),
});
export const SearchablePageRequest = PageRequest.extend({
  search: StorableText.pipe(z.string().trim().max(100)).optional(),
});
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), next: z.string().nullable().describe("null on the last page") });
export interface Page<Item> {
  items: Item[];
  next: string | null;
}
