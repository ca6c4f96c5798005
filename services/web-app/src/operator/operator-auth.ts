import type { OperatorLoginAnswer } from "@syszap/contracts";
import type { Credentials } from "../api/api-client.ts";
import { ApiError } from "../api/api-error.ts";
import { readJson, sendRequest } from "../api/request.ts";
import { Store } from "../lib/store.ts";

type OperatorState =
  | { kind: "unknown" }
  | { kind: "unreachable" }
  | { kind: "signed_out"; wasExpired: boolean }
  | { kind: "signed_in"; id: string; name: string };

const restoreRetryMs = 2_000;
/** Set while a cookie of a login may exist. Without it, a first visit sends no request. */
const hintKey = "syszap.operator-signed-in";

/** An operator's login. The access token is kept in memory only; an httpOnly cookie renews it for one working day. */
export class OperatorAuth implements Credentials {
  readonly state = new Store<OperatorState>({ kind: "unknown" });
  private token: { value: string; endsAtMs: number } | undefined;
  private refreshing: Promise<void> | undefined;

  /** `newPassword` replaces a one-time password. */
  async logIn(email: string, password: string, newPassword?: string): Promise<void> {
    const body = { email, password, ...(newPassword !== undefined && { newPassword }) };
    this.accept(await readJson(await sendRequest("loginOperator", { body })));
  }

  /** Signs in by the cookie, if there may be one. Retries until the server can be reached. */
  async restore(): Promise<void> {
    if (localStorage.getItem(hintKey) === null) return this.clear(false);
    try {
      await this.refresh();
    } catch {
      if (this.state.get().kind === "signed_out") return;
      this.state.set({ kind: "unreachable" });
      setTimeout(() => void this.restore(), restoreRetryMs);
    }
  }

  async freshToken(remainingMs = 15_000): Promise<string> {
    if (!this.token || this.token.endsAtMs - Date.now() < remainingMs) await this.refresh();
    if (!this.token) throw new ApiError(401);
    return this.token.value;
  }

  refresh(): Promise<void> {
    this.refreshing ??= this.renew().finally(() => {
      this.refreshing = undefined;
    });
    return this.refreshing;
  }

  expire(): void {
    this.clear(true);
  }

  async logOut(): Promise<void> {
    this.clear(false);
    await sendRequest("logoutOperator", {}).catch(() => undefined);
  }

  private async renew(): Promise<void> {
    try {
      this.accept(await readJson(await sendRequest("refreshOperator", {})));
    } catch (error) {
      if (error instanceof ApiError && (error.status === 401 || error.status === 403)) this.clear(true);
      throw error;
    }
  }

  private accept({ accessToken, expiresInSeconds, operator }: OperatorLoginAnswer): void {
    this.token = { value: accessToken, endsAtMs: Date.now() + expiresInSeconds * 1_000 };
    localStorage.setItem(hintKey, "1");
    const { id, name } = operator;
    this.state.set({ kind: "signed_in", id, name });
  }

  private clear(wasExpired: boolean): void {
    this.token = undefined;
    localStorage.removeItem(hintKey);
    this.state.set({ kind: "signed_out", wasExpired });
  }
}
