import type { Request } from "express";
import type { PasswordConfirmation } from "../auth/confirm-password.ts";
import { addressOf } from "../auth/too-many-requests.ts";
import type { FactorOwner, SecondFactors } from "./second-factors.ts";

/** The account of the user or operator who makes a request. */
interface OwnAccount {
  email: string;
  passwordHash: string | null;
  factor: FactorOwner;
}
interface OwnFactorDependencies<Caller> {
  factors: SecondFactors;
  passwords: PasswordConfirmation;
  accountOf: (caller: Caller, req: Request) => Promise<OwnAccount>;
}
interface OwnRequest<Caller, Body> {
  caller: Caller;
  body: Body;
  req: Request;
}

/** Handlers by which users or operators manage their own second factor. */
export function ownFactorHandlers<Caller>({ factors, passwords, accountOf }: OwnFactorDependencies<Caller>) {
  const factorOf = async ({ caller, req }: OwnRequest<Caller, unknown>) => (await accountOf(caller, req)).factor;
  /** A stolen access token must not be enough to lock its owner out. */
  const confirmed = async ({ caller, body, req }: OwnRequest<Caller, { password: string }>) => {
    const { email, passwordHash, factor } = await accountOf(caller, req);
    await passwords.confirm({ email, address: addressOf(req) }, body.password, passwordHash);
    return factor;
  };
  const entryOf = ({ body: { code }, req }: OwnRequest<Caller, { code: string }>) => ({
    code,
    address: addressOf(req),
  });
  return {
    state: async (request: OwnRequest<Caller, unknown>) => factors.stateOf(await factorOf(request)),
    start: async (request: OwnRequest<Caller, { password: string }>) => factors.start(await confirmed(request)),
    activate: async (request: OwnRequest<Caller, { code: string }>) =>
      factors.activate(await factorOf(request), entryOf(request)),
    replaceRecoveryCodes: async (request: OwnRequest<Caller, { code: string }>) =>
      factors.replaceRecoveryCodes(await factorOf(request), entryOf(request)),
    turnOff: async (request: OwnRequest<Caller, { password: string; code: string }>) => {
      await factors.turnOff(await confirmed(request), entryOf(request));
      return undefined;
    },
  };
}
