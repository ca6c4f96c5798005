import { z } from "zod";
import { proxyFailures } from "../constants/index.ts";
import { storable } from "./requests.ts";

const maxCredentialLength = 255; // the limit of SOCKS5

export const ProxyScheme = z.enum(["http", "socks5"]);
const host = z
  .string()
  .trim()
  .regex(/^(?:[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?|[0-9a-f:.]{2,45})$/i, "must be a host name or an IP address");
const port = z.number().int().min(1).max(65_535);

const Credentials = z.object({
  username: storable(z.string().min(1).max(maxCredentialLength)).refine(
    (text) => !text.includes(":"),
    "must not contain :",
  ),
  password: storable(z.string().max(maxCredentialLength)),
});
export const SetSessionProxyRequest = z.object({
  scheme: ProxyScheme,
  host,
  port,
  credentials: Credentials.nullish().describe("never returned; absent or null: the proxy needs none"),
});

/** The proxy through which a session reaches WhatsApp. */
export const SessionProxy = z.object({
  sessionId: z.uuid(),
  proxy: z
    .object({
      scheme: ProxyScheme,
      host: z.string(),
      port,
      hasCredentials: z.boolean().describe("the credentials themselves are never returned"),
    })
    .nullable()
    .describe("null: the session connects directly"),
});
export type SessionProxy = z.infer<typeof SessionProxy>;

export const ProxyFailure = z.enum(proxyFailures);
export type ProxyFailure = z.infer<typeof ProxyFailure>;
export const SessionProxyTest = z.object({
  failure: ProxyFailure.nullable().describe("null: the proxy connected to WhatsApp"),
  durationMs: z.number().int(),
});
export type SessionProxyTest = z.infer<typeof SessionProxyTest>;
