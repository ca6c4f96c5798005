import type { RecoveryCodes, SecondFactorSetup, SecondFactorState } from "@syszap/contracts";
import type { SecondFactorStore } from "@syszap/database";
import type { SealedSecrets } from "@syszap/platform";
import { ProblemError } from "../problem.ts";
import type { CodeThrottle } from "./code-throttle.ts";
import { hashRecoveryCode, newRecoveryCodes } from "./recovery-codes.ts";
import { newSecret, setupOf, timeStepOf } from "./totp.ts";

/** As the audit log records it. */
export type SecondFactorAction =
  | "second_factor_enabled"
  | "second_factor_disabled"
  | "recovery_codes_created"
  | "recovery_code_used";

/** A transaction. */
export interface FactorUnit {
  factors: SecondFactorStore;
  record(action: SecondFactorAction): Promise<void>;
}
/** A user or an operator. */
export interface FactorOwner {
  id: string;
  /** Names the account in the authenticator app. */
  label: string;
  /** Binds the sealed secret to its owner. */
  sealedFor: string;
  isRequired: boolean;
  transaction<Result>(fn: (unit: FactorUnit) => Promise<Result>): Promise<Result>;
}
export interface CodeEntry {
  code: string;
  /** The network address of the caller. */
  address: string;
}
interface SecondFactorsDependencies {
  secrets: SealedSecrets;
  throttle: CodeThrottle;
}

/** Second factors: time-based codes (RFC 6238) and recovery codes. Each code is accepted once. */
export class SecondFactors {
  constructor(private readonly dependencies: SecondFactorsDependencies) {}

  async stateOf(owner: FactorOwner): Promise<SecondFactorState> {
    const stored = await owner.transaction(({ factors }) => factors.find(owner.id));
    const isOn = stored?.activatedAt != null;
    return {
      isOn,
      isRequired: owner.isRequired,
      activatedAt: stored?.activatedAt?.toISOString() ?? null,
      recoveryCodesLeft: isOn ? stored.recoveryCodesLeft : 0,
    };
  }

  /** Stores a new secret, which has no effect until `activate`. */
  async start(owner: FactorOwner): Promise<SecondFactorSetup> {
    const secret = newSecret();
    const sealed = this.dependencies.secrets.seal(secret, owner.sealedFor);
    const hasBegun = await owner.transaction(({ factors }) => factors.begin(owner.id, sealed));
    if (!hasBegun) throw alreadyOn();
    return setupOf(secret, owner.label);
  }

  async activate(owner: FactorOwner, entry: CodeEntry): Promise<RecoveryCodes> {
    return this.enter(owner, entry, async ({ factors, record }) => {
      const stored = await factors.find(owner.id);
      if (!stored)
        throw new ProblemError("conflict", "Start to set up the second factor first, and scan the new QR code.");
      if (stored.activatedAt) throw alreadyOn();
      const step = this.timeStepOf(owner, stored.sealedSecret, entry.code);
      if (step === undefined) throw wrongCode();
      const { codes, hashes } = newRecoveryCodes(owner.id);
      const factor = { sealedSecret: stored.sealedSecret, step, recoveryHashes: hashes };
      if (!(await factors.activate(owner.id, factor))) throw alreadyOn();
      await record("second_factor_enabled");
      return { recoveryCodes: codes };
    });
  }

  /** Rejects with `wrong_code` unless the code is valid. Uses it. */
  async verify(owner: FactorOwner, entry: CodeEntry): Promise<void> {
    await this.enter(owner, entry, (unit) => this.use(unit, owner, entry.code));
  }

  async replaceRecoveryCodes(owner: FactorOwner, entry: CodeEntry): Promise<RecoveryCodes> {
    return this.enter(owner, entry, async (unit) => {
      await this.use(unit, owner, entry.code);
      const { codes, hashes } = newRecoveryCodes(owner.id);
      await unit.factors.replaceRecoveryCodes(owner.id, hashes);
      await unit.record("recovery_codes_created");
      return { recoveryCodes: codes };
    });
  }

  async turnOff(owner: FactorOwner, entry: CodeEntry): Promise<void> {
    if (owner.isRequired)
      throw new ProblemError("conflict", "Your account must have a second factor, so that it cannot be turned off.");
    await this.enter(owner, entry, async (unit) => {
      await this.use(unit, owner, entry.code);
      await unit.factors.remove(owner.id);
      await unit.record("second_factor_disabled");
    });
  }

  private enter<Result>(
    owner: FactorOwner,
    { address }: CodeEntry,
    fn: (unit: FactorUnit) => Promise<Result>,
  ): Promise<Result> {
    return this.dependencies.throttle.attempt({ id: owner.id, address }, () => owner.transaction(fn));
  }

  private async use({ factors, record }: FactorUnit, owner: FactorOwner, code: string): Promise<void> {
    const stored = await factors.find(owner.id);
    if (!stored?.activatedAt)
      throw new ProblemError("conflict", "Your account has no second factor. Turn it on first.");
    const text = withoutSeparators(code);
    if (isAppCode(text)) {
      const step = this.timeStepOf(owner, stored.sealedSecret, text);
      if (step === undefined || !(await factors.useStep(owner.id, step))) throw wrongCode();
    } else {
      if (!(await factors.useRecoveryCode(owner.id, hashRecoveryCode(owner.id, text)))) throw wrongCode();
      await record("recovery_code_used");
    }
  }

  private timeStepOf(owner: FactorOwner, sealedSecret: Buffer, code: string): number | undefined {
    const text = withoutSeparators(code);
    if (!isAppCode(text)) return undefined;
    return timeStepOf(this.dependencies.secrets.open(sealedSecret, owner.sealedFor), text);
  }
}

const withoutSeparators = (code: string) => code.replace(/[\s-]/g, "");
const isAppCode = (text: string) => /^\d{6}$/.test(text);

/** Does not say whether the code is wrong, too old or used. */
const wrongCode = () =>
  new ProblemError(
    "wrong_code",
    "Enter the newest code of your authenticator app, or a recovery code. Each code works once: after using one, wait for the next.",
  );
const alreadyOn = () =>
  new ProblemError("conflict", "Your account has a second factor already. Turn it off first to set up another one.");
