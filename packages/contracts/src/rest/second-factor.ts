import { z } from "zod";
import { Timestamp } from "../vocabulary.ts";
import { LoginAnswer } from "./requests.ts";

const Code = z.string().min(1).max(64);
/** Spaces, hyphens and the case of letters are ignored. */
const CodeOrRecoveryCode = Code.describe("six digits of the authenticator app, or a recovery code");
const AppCode = Code.describe("six digits of the authenticator app");

/** Answer to a correct password when the sign-in is not complete yet. */
export const SecondFactorChallenge = z.object({
  secondFactor: z
    .enum(["code_required", "setup_required"])
    .describe("`setup_required`: the account has no second factor, must have one, and can only set it up"),
  challenge: z.string().describe("proves the password in the next request; not valid for anything else"),
  expiresInSeconds: z.number().int(),
});
export type SecondFactorChallenge = z.infer<typeof SecondFactorChallenge>;

export const LoginOutcome = z.union([LoginAnswer, SecondFactorChallenge]);
export type LoginOutcome = z.infer<typeof LoginOutcome>;

export const ChallengeRequest = z.object({ challenge: z.string().min(1).max(2_000) });
export const ChallengeCodeRequest = ChallengeRequest.extend({ code: CodeOrRecoveryCode });
export const ChallengeActivationRequest = ChallengeRequest.extend({ code: AppCode });

export const StartSecondFactorRequest = z.object({ password: z.string().min(1).max(1_000) });
export const ActivateSecondFactorRequest = z.object({ code: AppCode });
export const ReplaceRecoveryCodesRequest = z.object({ code: CodeOrRecoveryCode });
export const DisableSecondFactorRequest = StartSecondFactorRequest.extend({ code: CodeOrRecoveryCode });

/** A new secret for an authenticator app. It takes effect when a code of it was sent. */
export const SecondFactorSetup = z.object({
  secret: z.string().describe("base32, for typing"),
  uri: z.string().describe("`otpauth://` URI, for opening in an app on the same device"),
  qrCode: z.string().describe("the URI as a QR code: a data URL of a PNG image"),
});
export type SecondFactorSetup = z.infer<typeof SecondFactorSetup>;

export const RecoveryCodes = z.object({
  recoveryCodes: z.array(z.string()).describe("each replaces a code once; shown only here"),
});
export type RecoveryCodes = z.infer<typeof RecoveryCodes>;
export const ActivatedLogin = LoginAnswer.extend(RecoveryCodes.shape);
export type ActivatedLogin = z.infer<typeof ActivatedLogin>;

export const SecondFactorState = z.object({
  isOn: z.boolean(),
  isRequired: z.boolean().describe("true: it cannot be turned off"),
  activatedAt: Timestamp.nullable(),
  recoveryCodesLeft: z.number().int(),
});
export type SecondFactorState = z.infer<typeof SecondFactorState>;
