import type {
  ActivatedLogin,
  LoginAnswer,
  LoginOutcome,
  Me,
  RequestOf,
  SecondFactorChallenge,
  SecondFactorSetup,
} from "@syszap/contracts";
import { Store } from "../lib/store.ts";
import type { Credentials } from "./api-client.ts";
import { ApiError } from "./api-error.ts";
import { readJson, sendRequest } from "./request.ts";

export type AuthState =
  | { kind: "unknown" }
  | { kind: "unreachable" }
  | { kind: "signed_out"; wasExpired: boolean }
  | { kind: "signed_in"; me: Me };

const renewBeforeEndMs = 90_000;
const restoreRetryMs = 2_000;
const lockName = "syszap-refresh";
/** Set while a refresh cookie may exist. Without it, a first visit sends no request. */
const hintKey = "syszap.signed-in";

/** The login of a company's user. The access token is kept in memory; an httpOnly cookie renews it after a reload. */
export class Auth implements Credentials {
  readonly state = new Store<AuthState>({ kind: "unknown" });
  private token: { value: string; endsAtMs: number } | undefined;
  private refreshing: Promise<void> | undefined;
  private renewal: ReturnType<typeof setTimeout> | undefined;
  private readonly otherTabs =
    typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("syszap-auth");

  constructor() {
    this.otherTabs?.addEventListener("message", () => this.clear(false));
  }

  /** Resolves to a challenge if the second factor is missing. Otherwise the user is signed in. */
  async logIn(email: string, password: string): Promise<SecondFactorChallenge | undefined> {
    const outcome = await readJson<LoginOutcome>(await sendRequest("login", { body: { email, password } }));
    if ("challenge" in outcome) return outcome;
    this.accept(outcome);
    return undefined;
  }

  /** The requests of a sign-in after the password. */
  readonly secondFactor = {
    complete: async (challenge: string, code: string): Promise<void> => {
      this.accept(await readJson<LoginAnswer>(await sendRequest("completeLogin", { body: { challenge, code } })));
    },
    start: async (challenge: string): Promise<SecondFactorSetup> =>
      readJson(await sendRequest("startSecondFactorAtLogin", { body: { challenge } })),
    /** The user is signed in when `finish` is called, so that the page can show the recovery codes before. */
    activate: async (challenge: string, code: string) => {
      const response = await sendRequest("activateSecondFactorAtLogin", { body: { challenge, code } });
      const { recoveryCodes, ...answer } = await readJson<ActivatedLogin>(response);
      return { recoveryCodes, finish: () => this.accept(answer) };
    },
  };

  /** Accepts an invitation and signs in. The new cookie replaces that of an earlier login, which other tabs may still use. */
  async acceptInvitation(body: RequestOf<"acceptInvitation">["body"]): Promise<void> {
    const answer = await readJson<LoginAnswer>(await sendRequest("acceptInvitation", { body }));
    this.otherTabs?.postMessage("logged out");
    this.accept(answer);
  }

  /** Stores the changed account of the signed-in user. */
  updateMe(me: Me): void {
    if (this.state.get().kind === "signed_in") this.state.set({ kind: "signed_in", me });
  }

  /** Signs in by the refresh cookie, if there may be one. Retries until the server can be reached. */
  async restore(): Promise<void> {
    if (localStorage.getItem(hintKey) === null) {
      this.state.set({ kind: "signed_out", wasExpired: false });
      return;
    }
    try {
      await this.refresh();
    } catch (error) {
      if (this.state.get().kind === "signed_out") return;
      this.state.set({ kind: "unreachable" });
      const waitMs = error instanceof ApiError ? error.retryAfterMs : undefined;
      setTimeout(() => void this.restore(), waitMs ?? restoreRetryMs);
    }
  }

  async logOut(): Promise<void> {
    const token = this.token?.value;
    this.clear(false);
    this.otherTabs?.postMessage("logged out");
    await sendRequest("logout", {}, { token }).catch(() => undefined);
  }

  async freshToken(remainingMs = 15_000): Promise<string> {
    if (!this.token || this.token.endsAtMs - Date.now() < remainingMs) await this.refresh();
    if (!this.token) throw new ApiError(401);
    return this.token.value;
  }

  /** Runs one refresh at a time across all tabs: the server treats a refresh token that is used twice as stolen. */
  refresh(): Promise<void> {
    this.refreshing ??= exclusively(async () => this.accept(await readJson(await sendRequest("refresh", {}))))
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

  private accept(answer: LoginAnswer): void {
    const lifeMs = answer.expiresInSeconds * 1_000;
    this.token = { value: answer.accessToken, endsAtMs: Date.now() + lifeMs };
    clearTimeout(this.renewal);
    this.renewal = setTimeout(
      () => void this.refresh().catch(() => undefined),
      Math.max(lifeMs - renewBeforeEndMs, lifeMs / 2),
    );
    localStorage.setItem(hintKey, "1");
    this.state.set({ kind: "signed_in", me: answer.me });
  }

  private clear(wasExpired: boolean): void {
    this.token = undefined;
    localStorage.removeItem(hintKey);
    clearTimeout(this.renewal);
    const wasSignedIn = this.state.get().kind === "signed_in";
    this.state.set({ kind: "signed_out", wasExpired: wasExpired && wasSignedIn });
  }
}

async function exclusively<Result>(run: () => Promise<Result>): Promise<Result> {
  return navigator.locks ? navigator.locks.request(lockName, run) : run();
}
