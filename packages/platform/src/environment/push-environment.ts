import { z } from "zod";

/** The public key of Web Push (VAPID). Without it, no push notices are sent. Must be equal in rest-api and webhook-sender. */
export const pushEnvironment = {
  VAPID_PUBLIC_KEY: z
    .string()
    .regex(/^B[A-Za-z0-9_-]{86}$/, "must be an uncompressed P-256 key in base64url")
    .optional(),
};
