import type { RecoveryCodes, SecondFactorChallenge, SecondFactorSetup } from "@syszap/contracts";
import type { Operation } from "@syszap/contracts/constants";
import { Store } from "../lib/store.ts";
import type { Credentials } from "./api-client.ts";
import { ApiError } from "./api-error.ts";
import { readJson, sendRequest } from "./request.ts";

/** `Person`: who is signed in. */
export type AuthState<Person> =
  | { kind: "unknown" }
  | { kind: "unreachable" }
  | { kind: "signed_out"; wasExpired: boolean }
  | ({ kind: "signed_in" } & Person);

interface IssuedToken {
  accessToken: string;
  expiresInSeconds: number;
}
interface LoginKind<Answer, Person> {
  /** Prefix of the names that the tabs of one browser share. */
  name: string;
  operations: Record<"completeLogin" | "startSetup" | "activateSetup" | "refresh" | "logout", Operation>;
  personOf: (answer: Answer) => Person;
}

const renewBeforeEndMs = 90_000;
const restoreRetryMs = 2_000;

/** A login of a user or an operator. The access token is kept in memory; an httpOnly cookie renews it after a reload. */
export abstract class TokenAuth<Answer extends IssuedToken, Person extends object> implements Credentials {
  readonly state = new Store<AuthState<Person>>({ kind: "unknown" });
  private token: { value: string; endsAtMs: number } | undefined;
  private refreshing: Promise<void> | undefined;
  private renewal: ReturnType<typeof setTimeout> | undefined;
  private nextRestore: ReturnType<typeof setTimeout> | undefined;
  private readonly kind: LoginKind<Answer, Person>;
  /** Set while a cookie may exist. Without it, a first visit sends no request. */
  private readonly hintKey: string;
  private readonly otherTabs: BroadcastChannel | undefined;

  constructor(kind: LoginKind<Answer, Person>) {
    this.kind = kind;
    this.hintKey = `${kind.name}.signed-in`;
    this.otherTabs = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel(`${kind.name}-auth`);
    this.otherTabs?.addEventListener("message", () => this.leave(false));
  }

  /** The requests of a sign-in after the password. */
  readonly secondFactor = {
    complete: async (challenge: string, code: string): Promise<void> => {
      const { completeLogin } = this.kind.operations;
      this.accept(await readJson<Answer>(await sendRequest(completeLogin, { body: { challenge, code } })));
    },
    start: async (challenge: string): Promise<SecondFactorSetup> =>
      readJson(await sendRequest(this.kind.operations.startSetup, { body: { challenge } })),
    /** The person is signed in when `finish` is called, so that the page can show the recovery codes before. */
    activate: async (challenge: string, code: string) => {
      const response = await sendRequest(this.kind.operations.activateSetup, { body: { challenge, code } });
      const answer = await readJson<Answer & RecoveryCodes>(response);
      return { recoveryCodes: answer.recoveryCodes, finish: () => this.accept(answer) };
    },
  };

  /** Signs in by the cookie, if there may be one. Retries until the server can be reached. */
  async restore(): Promise<void> {
    clearTimeout(this.nextRestore);
    if (localStorage.getItem(this.hintKey) === null) {
      this.state.set({ kind: "signed_out", wasExpired: false });
      return;
    }
    try {
      await this.refresh();
    } catch (error) {
      if (this.state.get().kind === "signed_out") return;
      this.state.set({ kind: "unreachable" });
      const waitMs = error instanceof ApiError ? error.retryAfterMs : undefined;
      clearTimeout(this.nextRestore);
      this.nextRestore = setTimeout(() => void this.restore(), waitMs ?? restoreRetryMs);
    }
  }

  async logOut(): Promise<void> {
    const token = this.token?.value;
    this.clear(false);
    this.signOutOtherTabs();
    await sendRequest(this.kind.operations.logout, {}, { token }).catch(() => undefined);
  }

  async freshToken(remainingMs = 15_000): Promise<string> {
    if (!this.token || this.token.endsAtMs - Date.now() < remainingMs) await this.refresh();
    if (!this.token) throw new ApiError(401);
    return this.token.value;
  }

  /** Runs one refresh at a time across all tabs: the server treats a user's refresh token that is used twice as stolen. */
  refresh(): Promise<void> {
    const { name, operations } = this.kind;
    const renew = async () => this.accept(await readJson<Answer>(await sendRequest(operations.refresh, {})));
    this.refreshing ??= exclusively(`${name}-refresh`, renew)
      .catch((error: unknown) => {
        if (error instanceof ApiError && (error.status === 401 || error.status === 403)) this.clear(true);
        throw error;
      })
      .finally(() => {
        this.refreshing = undefined;
      });
    return this.refreshing;
  }

  expire(): void {
    this.clear(true);
  }

  /** Sends a password. Resolves to a challenge if the second factor is missing. Otherwise the person is signed in. */
  protected async enter(operation: Operation, body: object): Promise<SecondFactorChallenge | undefined> {
    const outcome = await readJson<Answer | SecondFactorChallenge>(await sendRequest(operation, { body }));
    if ("challenge" in outcome) return outcome;
    this.accept(outcome);
    return undefined;
  }

  protected signOutOtherTabs(): void {
    this.otherTabs?.postMessage("logged out");
  }

  private accept(answer: Answer): void {
    const lifeMs = answer.expiresInSeconds * 1_000;
    this.token = { value: answer.accessToken, endsAtMs: Date.now() + lifeMs };
    clearTimeout(this.renewal);
    this.renewal = setTimeout(
      () => void this.refresh().catch(() => undefined),
      Math.max(lifeMs - renewBeforeEndMs, lifeMs / 2),
    );
    localStorage.setItem(this.hintKey, "1");
    this.state.set({ kind: "signed_in", ...this.kind.personOf(answer) });
  }

  private clear(wasExpired: boolean): void {
    localStorage.removeItem(this.hintKey);
    this.leave(wasExpired);
  }

  /** Keeps the hint: another tab may have signed in. */
  private leave(wasExpired: boolean): void {
    this.token = undefined;
    clearTimeout(this.renewal);
    const wasSignedIn = this.state.get().kind === "signed_in";
    this.state.set({ kind: "signed_out", wasExpired: wasExpired && wasSignedIn });
  }
}

async function exclusively<Result>(lockName: string, run: () => Promise<Result>): Promise<Result> {
  return navigator.locks ? navigator.locks.request(lockName, run) : run();
}
