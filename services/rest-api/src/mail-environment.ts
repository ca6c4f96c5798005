import { z } from "zod";

const smtpUrl = z.url({ protocol: /^smtps?$/, error: "must be smtp://user:password@host:port, or smtps:// for TLS" });
/** `Name <address>`, or an address alone. No line breaks, which would add headers. */
const sender = z
  .string()
  .regex(
    /^([^<>\r\n]{1,100} <[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/,
    "must be an address such as sysZap <inbox@example.com>",
  );

/** Variables of e-mails. Without `SMTP_URL` the platform sends none, and links are shown to the person who asks for them. */
export const mailEnvironment = {
  SMTP_URL: smtpUrl.optional(),
  SMTP_FROM: sender.optional(),
  /** Origin of the web app, for links. Defaults to the first of ALLOWED_ORIGINS. */
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: "must be an address such as https://inbox.example.com" }).optional(),
};
