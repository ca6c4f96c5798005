import { z } from "zod";
import { endpoints } from "../../constants/index.ts";
import type { RouteDefinition } from "../define-route.ts";
import { ActivatedOperatorLogin, OperatorLoginAnswer } from "../operators.ts";
import { LoginAnswer } from "../requests.ts";
import {
  ActivatedLogin,
  ActivateSecondFactorRequest,
  ChallengeActivationRequest,
  ChallengeCodeRequest,
  ChallengeRequest,
  DisableSecondFactorRequest,
  RecoveryCodes,
  ReplaceRecoveryCodesRequest,
  SecondFactorSetup,
  SecondFactorState,
  StartSecondFactorRequest,
} from "../second-factor.ts";

const tag = "Second factor";
const signingIn = { tag, caller: "anyone", problems: [401, 403, 409, 429] } as const;
const member = { tag, caller: "member" } as const;
const operator = { tag, caller: "operator" } as const;
const ById = z.object({ id: z.uuid() });

const setupAnswer = {
  status: 200,
  description: "A new secret. It replaces one that was not activated.",
  body: SecondFactorSetup,
} as const;
const startSummary = "Start to set up a second factor";
const activateSummary = "Turn the second factor on with a first code; the recovery codes are returned only once";
const activatedDescription = "The recovery codes. The second factor is required from the next sign-in on.";
const state = {
  summary: "Get the state of the caller's second factor",
  answer: { status: 200, description: "The state.", body: SecondFactorState },
} as const;
const start = {
  summary: startSummary,
  body: StartSecondFactorRequest,
  answer: setupAnswer,
  problems: [409, 429],
} as const;
const activate = {
  summary: activateSummary,
  body: ActivateSecondFactorRequest,
  answer: { status: 200, description: activatedDescription, body: RecoveryCodes },
  problems: [409, 429],
} as const;
const replace = {
  summary: "Replace the recovery codes; the new ones are returned only once",
  body: ReplaceRecoveryCodesRequest,
  answer: { status: 200, description: "The new codes. The old ones are no longer valid.", body: RecoveryCodes },
  problems: [409, 429],
} as const;
const disable = {
  summary: "Turn the second factor off",
  body: DisableSecondFactorRequest,
  answer: { status: 204, description: "Signing in requires only the password." },
  problems: [409, 429],
} as const;

const complete = {
  ...signingIn,
  summary: "Complete a sign-in with a code of the authenticator app or a recovery code",
  body: ChallengeCodeRequest,
} as const;
const startAtLogin = {
  ...signingIn,
  summary: `${startSummary} during a sign-in that requires one`,
  body: ChallengeRequest,
  answer: setupAnswer,
} as const;
const activateAtLogin = {
  ...signingIn,
  summary: `${activateSummary}, and complete the sign-in`,
  body: ChallengeActivationRequest,
} as const;

export const secondFactorRoutes = {
  completeLogin: {
    ...endpoints.completeLogin,
    ...complete,
    answer: { status: 200, description: "As for `login` without a second factor.", body: LoginAnswer },
  },
  startSecondFactorAtLogin: { ...endpoints.startSecondFactorAtLogin, ...startAtLogin },
  activateSecondFactorAtLogin: {
    ...endpoints.activateSecondFactorAtLogin,
    ...activateAtLogin,
    answer: { status: 200, description: "As for `login`, with the recovery codes.", body: ActivatedLogin },
  },
  getMySecondFactor: { ...endpoints.getMySecondFactor, ...member, ...state },
  startMySecondFactor: { ...endpoints.startMySecondFactor, ...member, ...start },
  activateMySecondFactor: { ...endpoints.activateMySecondFactor, ...member, ...activate },
  replaceMyRecoveryCodes: { ...endpoints.replaceMyRecoveryCodes, ...member, ...replace },
  disableMySecondFactor: { ...endpoints.disableMySecondFactor, ...member, ...disable },
  resetSecondFactor: {
    ...endpoints.resetSecondFactor,
    tag,
    caller: "manager",
    summary:
      "Remove a colleague's second factor and end the colleague's logins, for somebody who lost the device; an admin cannot do it for an owner",
    params: ById,
    answer: { status: 204, description: "The colleague has no second factor." },
    problems: [409],
  },
} as const satisfies Record<string, RouteDefinition>;

/** The same for operators, for whom production requires a second factor. */
export const operatorFactorRoutes = {
  completeOperatorLogin: {
    ...endpoints.completeOperatorLogin,
    ...complete,
    answer: { status: 200, description: "As for `loginOperator` without a second factor.", body: OperatorLoginAnswer },
  },
  startOperatorFactorAtLogin: { ...endpoints.startOperatorFactorAtLogin, ...startAtLogin },
  activateOperatorFactorAtLogin: {
    ...endpoints.activateOperatorFactorAtLogin,
    ...activateAtLogin,
    answer: {
      status: 200,
      description: "As for `loginOperator`, with the recovery codes.",
      body: ActivatedOperatorLogin,
    },
  },
  getMyOperatorFactor: { ...endpoints.getMyOperatorFactor, ...operator, ...state },
  startMyOperatorFactor: { ...endpoints.startMyOperatorFactor, ...operator, ...start },
  activateMyOperatorFactor: { ...endpoints.activateMyOperatorFactor, ...operator, ...activate },
  replaceMyOperatorRecoveryCodes: { ...endpoints.replaceMyOperatorRecoveryCodes, ...operator, ...replace },
  disableMyOperatorFactor: { ...endpoints.disableMyOperatorFactor, ...operator, ...disable },
  resetOperatorFactor: {
    ...endpoints.resetOperatorFactor,
    ...operator,
    summary: "Remove another operator's second factor and end the operator's logins, for somebody who lost the device",
    params: ById,
    answer: { status: 204, description: "The operator has no second factor." },
    problems: [409],
  },
} as const satisfies Record<string, RouteDefinition>;
