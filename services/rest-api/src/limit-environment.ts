import { z } from "zod";

const count = (defaultValue: number) => z.coerce.number().int().min(1).max(1_000_000).default(defaultValue);

/** Variables of the rate limits, explained in docs/operations/settings.md. */
export const limitEnvironment = {
  LIMIT_LOGIN_WINDOW_SECONDS: z.coerce.number().int().min(1).max(86_400).default(900),
  /** Wrong credentials of one e-mail address from one network address. */
  LIMIT_LOGIN_FAILURES: count(10),
  /** Wrong credentials from one network address, which many people may share. */
  LIMIT_LOGIN_ADDRESS_FAILURES: count(200),
  /** Wrong credentials of one e-mail address from all network addresses, after which its sign-ins are delayed. */
  LIMIT_LOGIN_DELAY_AFTER: count(10),
  LIMIT_LOGIN_MAX_DELAY_MS: z.coerce.number().int().min(0).max(30_000).default(5_000),
  /** Invitations of one company, including refused and repeated ones. */
  LIMIT_INVITATIONS_PER_HOUR: count(100),
  /** Requested password resets of one e-mail address. */
  LIMIT_PASSWORD_RESETS_PER_HOUR: count(5),
  /** Requested password resets from one network address. */
  LIMIT_PASSWORD_RESETS_ADDRESS_PER_HOUR: count(60),
  /** Invalid links of invitations and resets from one network address. */
  LIMIT_LINK_FAILURES_PER_15_MINUTES: count(100),
  /** Wrong current passwords of one user who changes the password. */
  LIMIT_PASSWORD_CHANGE_FAILURES_PER_15_MINUTES: count(10),
  LIMIT_AUDIT_EXPORTS_PER_HOUR: count(30),
  LIMIT_CODE_WINDOW_SECONDS: z.coerce.number().int().min(1).max(86_400).default(3_600),
  /** Wrong codes of the second factor of one account from one network address. */
  LIMIT_CODE_FAILURES: count(10),
  /** Wrong codes of one account from all network addresses at which it used no correct code before. */
  LIMIT_CODE_ACCOUNT_FAILURES: count(20),
  /** Wrong codes of all accounts from one network address. */
  LIMIT_CODE_ADDRESS_FAILURES: count(100),
  LIMIT_REFRESH_FAILURES_PER_MINUTE: count(600),
  LIMIT_PHONE_NUMBERS_PER_15_MINUTES: count(30),
  LIMIT_BROADCASTS_PER_MINUTE: count(30),
  LIMIT_TYPING_PER_MINUTE: count(120),
  LIMIT_UPLOADS_PER_MINUTE: count(60),
  LIMIT_PROGRAM_REQUESTS_PER_MINUTE: count(600),
  LIMIT_WEBHOOK_TESTS_PER_MINUTE: count(30),
  LIMIT_PROXY_TESTS_PER_MINUTE: count(10),
  LIMIT_TICKETS_PER_MINUTE: count(120),
};
const Limits = z.object(limitEnvironment);
export type Limits = z.infer<typeof Limits>;

export const defaultLimits: Limits = Limits.parse({});
