import { randomUUID } from "node:crypto";
import { baseEnvironment, drainEnvironment, list, loadEnvironment, redisUrl } from "@syszap/platform";
import { z } from "zod";

const Environment = z.object({
  ...baseEnvironment,
  ...drainEnvironment,
  REDIS_URL: redisUrl(),
  /** URL of the public keys: the gateway verifies tokens and cannot sign them. */
  TOKEN_KEY_SET_URL: z.url({ protocol: /^https?$/, error: "must be an http:// or https:// URL" }),
  ALLOWED_ORIGINS: list().pipe(z.array(z.url({ error: "must list origins like https://app.example.com" }))),
  TRUSTED_PROXIES: list()
    .pipe(
      z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()], { error: "must list addresses or CIDR ranges" })),
    )
    .default([]),
  GATEWAY_ID: z
    .string()
    .regex(/^[\w.-]{1,64}$/, "must be letters, digits, dot, dash or underscore")
    .default(() => `gateway-${randomUUID()}`),
});
export type Config = z.infer<typeof Environment>;

/** Reads the configuration. Throws an `EnvironmentError` that names every invalid variable. */
export function loadConfig(env: NodeJS.ProcessEnv): Config {
  return loadEnvironment(Environment, env);
}
