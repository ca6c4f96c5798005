import { z } from "zod";
import { Role } from "./vocabulary.ts";

/** The users of a company who may receive an event. */
export const Audience = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("company") }),
  z.object({ kind: z.literal("user"), userId: z.uuid() }),
  z.object({ kind: z.literal("role"), roles: z.array(Role).min(1) }),
]);
export type Audience = z.infer<typeof Audience>;
export const wholeCompany: Audience = { kind: "company" };
