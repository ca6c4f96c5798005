import { EngineName } from "@syszap/contracts";
import {
  accountKeyPurpose,
  baseEnvironment,
  connectionLimit,
  drainEnvironment,
  flag,
  list,
  loadEnvironment,
  masterKeys,
  mediaEnvironment,
  postgresUrl,
  pushEnvironment,
  queueRedisUrl,
  redisUrl,
  resumeLogEnvironment,
  webhookEnvironment,
} from "@syszap/platform";
import { proxyEnvironment } from "@syszap/platform/proxy";
import { z } from "zod";
import { limitEnvironment } from "./limit-environment.ts";
import { mailEnvironment } from "./mail-environment.ts";
import { signingKeys } from "./signing-key.ts";

const isOrigin = (text: string) => /^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text;
const origins = list().refine(
  (entries) => entries.length > 0 && entries.every(isOrigin),
  "must list origins such as https://inbox.example.com, without a path",
);
const proxy = z.union([z.enum(["loopback", "linklocal", "uniquelocal"]), z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()]);
const proxies = list().refine(
  (entries) => entries.every((entry) => proxy.safeParse(entry).success),
  "must list addresses or networks such as 10.0.0.0/8",
);

const minOperatorPasswordLength = 12;

const variables = {
  ...baseEnvironment,
  ...drainEnvironment,
  DATABASE_URL: postgresUrl(),
  SYSTEM_DATABASE_URL: postgresUrl(),
  DATABASE_CONNECTIONS: connectionLimit(16),
  /** False for a pooler in transaction mode without named prepared statements, such as PgBouncer before 1.21. */
  DATABASE_NAMED_STATEMENTS: flag().default(true),
  REDIS_URL: redisUrl(),
  QUEUE_REDIS_URL: queueRedisUrl().optional(),
  /** The first key signs, all verify (docs/operations/rotate-secrets.md). */
  TOKEN_SIGNING_KEY: signingKeys,
  /** 32 random bytes in base64. To rotate, put the new key in front of the old one, separated by a comma. */
  ACCOUNT_ENCRYPTION_KEY: masterKeys(accountKeyPurpose),
  ...resumeLogEnvironment,
  ...mediaEnvironment,
  ...webhookEnvironment,
  ...pushEnvironment,
  ...proxyEnvironment,
  ...limitEnvironment,
  ...mailEnvironment,
  DEFAULT_ENGINE: EngineName,
  ALLOWED_ORIGINS: origins,
  TRUSTED_PROXIES: proxies.default([]),
  /** Credentials of the first operator, created when the platform has none. Set both or none. */
  OPERATOR_EMAIL: z.email().optional(),
  OPERATOR_PASSWORD: z
    .string()
    .min(minOperatorPasswordLength, `must have at least ${minOperatorPasswordLength} characters`)
    .optional(),
};
const Environment = z.object(variables).superRefine((env, context) => {
  for (const name of ["SMTP_FROM", "PUBLIC_URL"] as const)
    if (env.SMTP_URL !== undefined && env[name] === undefined)
      context.addIssue({ code: "custom", path: [name], message: "is required with SMTP_URL" });
});
export type Config = z.infer<typeof Environment>;

/** Throws an `EnvironmentError` that lists all invalid variables by name, never by value. */
export const loadConfig = (env: NodeJS.ProcessEnv): Config => loadEnvironment(Environment, env);

const { DATABASE_URL, SYSTEM_DATABASE_URL, DATABASE_NAMED_STATEMENTS } = variables;
const { REDIS_URL, QUEUE_REDIS_URL, TOKEN_SIGNING_KEY, ALLOWED_ORIGINS } = variables;
/** The variables that the command line reads. It ignores the others of the service. */
const CommandEnvironment = z.object({
  DATABASE_URL,
  SYSTEM_DATABASE_URL,
  DATABASE_NAMED_STATEMENTS,
  REDIS_URL,
  QUEUE_REDIS_URL,
  TOKEN_SIGNING_KEY,
  ALLOWED_ORIGINS,
  ...mailEnvironment,
  ...resumeLogEnvironment,
});

/** For the command line. Throws like `loadConfig`. */
export const loadCommandConfig = (env: NodeJS.ProcessEnv) => loadEnvironment(CommandEnvironment, env);
