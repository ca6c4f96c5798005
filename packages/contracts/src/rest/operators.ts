import { z } from "zod";
import { maxOperatorNameLength, minOperatorPasswordLength } from "../constants/index.ts";
import { Timestamp } from "../vocabulary.ts";
import { LoginRequest, visibleText } from "./requests.ts";
import { RecoveryCodes, SecondFactorChallenge } from "./second-factor.ts";

const OperatorPassword = z.string().min(minOperatorPasswordLength).max(1_000);

/** `newPassword` replaces a one-time password and is required with it. */
export const OperatorLoginRequest = LoginRequest.extend({ newPassword: OperatorPassword.optional() });

/** A person who runs the platform. */
export const Operator = z.object({ id: z.uuid(), email: z.string(), name: z.string() });
export type Operator = z.infer<typeof Operator>;

/** The cookie of an operator's login: httpOnly, sent to `/v1/operator/auth` only. */
export const operatorCookieName = "syszap_operator";

/** The login continues through an httpOnly cookie until `loginExpiresAt`. */
export const OperatorLoginAnswer = z.object({
  accessToken: z.string(),
  expiresInSeconds: z.number().int(),
  loginExpiresAt: Timestamp,
  operator: Operator,
});
export type OperatorLoginAnswer = z.infer<typeof OperatorLoginAnswer>;

export const OperatorLoginOutcome = z.union([OperatorLoginAnswer, SecondFactorChallenge]);
export type OperatorLoginOutcome = z.infer<typeof OperatorLoginOutcome>;
export const ActivatedOperatorLogin = OperatorLoginAnswer.extend(RecoveryCodes.shape);
export type ActivatedOperatorLogin = z.infer<typeof ActivatedOperatorLogin>;

/** An operator's account. */
export const OperatorAccount = Operator.extend({
  isDisabled: z.boolean(),
  hasOneTimePassword: z.boolean().describe("true until the operator has chosen a password"),
  hasSecondFactor: z.boolean(),
  createdAt: Timestamp,
  lastLoginAt: Timestamp.nullable(),
});
export type OperatorAccount = z.infer<typeof OperatorAccount>;
export const OperatorList = z.object({ items: z.array(OperatorAccount) });

export const CreateOperatorRequest = z.object({
  email: z.email().max(320),
  name: visibleText(maxOperatorNameLength),
});

/** The password is shown only here. It must be replaced at the first sign-in. */
export const OneTimePassword = z.object({
  operator: OperatorAccount,
  oneTimePassword: z.string(),
  expiresAt: Timestamp,
});
export type OneTimePassword = z.infer<typeof OneTimePassword>;
