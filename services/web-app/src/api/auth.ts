import type { LoginAnswer, Me } from "@syszap/contracts";
import { Store } from "../lib/store.ts";
import { ApiError, toApiError } from "./api-error.ts";

export type AuthState =
  | { kind: "unknown" }
  | { kind: "unreachable" }
  | { kind: "signed_out"; wasExpired: boolean }
  | { kind: "signed_in"; me: Me };

const renewBeforeEndMs = 90_000;
const restoreRetryMs = 2_000;
const lockName = "syszap-refresh";
/** Says only that there may be a cookie, so that a first visit asks for nothing. */
const hintKey = "syszap.signed-in";

/** The access token lives in memory only; the httpOnly refresh cookie brings it back after a reload. */
export class Auth {
  readonly state = new Store<AuthState>({ kind: "unknown" });
  private token: { value: string; endsAtMs: number } | undefined;
  private refreshing: Promise<void> | undefined;
  private renewal: ReturnType<typeof setTimeout> | undefined;
  private readonly otherTabs =
    typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel("syszap-auth");

  constructor() {
    this.otherTabs?.addEventListener("message", () => this.forget(false));
  }

  async logIn(email: string, password: string): Promise<void> {
    this.accept(await post("/v1/auth/login", { email, password }));
  }

  /** Signs in by the cookie, if there is one. While the server can't be reached it goes on trying. */
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
    this.forget(false);
    this.otherTabs?.postMessage("logged out");
    await post("/v1/auth/logout", undefined, token).catch(() => undefined);
  }

  /** A token that still lives for a while. */
  async freshToken(remainingMs = 15_000): Promise<string> {
    if (!this.token || this.token.endsAtMs - Date.now() < remainingMs) await this.refresh();
    if (!this.token) throw new ApiError(401);
    return this.token.value;
  }

  /** One at a time, in all tabs together: a refresh token that is used twice counts as stolen. */
  refresh(): Promise<void> {
    this.refreshing ??= exclusively(async () => this.accept(await post("/v1/auth/refresh")))
      .catch((error: unknown) => {
        if (error instanceof ApiError && (error.status === 401 || error.status === 403)) this.forget(true);
        throw error;
      })
      .finally(() => {
        this.refreshing = undefined;
      });
    return this.refreshing;
  }

  /** The server does not know this login any more. */
  expire(): void {
    this.forget(true);
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

  private forget(wasExpired: boolean): void {
    this.token = undefined;
    localStorage.removeItem(hintKey);
    clearTimeout(this.renewal);
    const isNews = this.state.get().kind === "signed_in";
    this.state.set({ kind: "signed_out", wasExpired: wasExpired && isNews });
  }
}

async function post(path: string, body?: object, token?: string): Promise<LoginAnswer> {
  const response = await fetch(path, {
    method: "POST",
    credentials: "same-origin",
    headers: {
      ...(body ? { "Content-Type": "application/json" } : {}),
      ...(token ? { Authorization: `Bearer ${token}` } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  }).catch(() => {
    throw new ApiError(0);
  });
  if (!response.ok) throw await toApiError(response);
  return (response.status === 204 ? undefined : await response.json()) as LoginAnswer;
}

function exclusively<Result>(run: () => Promise<Result>): Promise<Result> {
  return navigator.locks ? navigator.locks.request(lockName, run) : run();
}
