import type { OperatorLoginAnswer } from "@syszap/contracts";
import { ApiError, toApiError } from "../api/api-error.ts";
import type { Credentials } from "../api/http.ts";
import { Store } from "../lib/store.ts";

/** An operator's token lives in this page's memory alone, for an hour: whoever reloads signs in again. */
export class OperatorAuth implements Credentials {
  readonly state = new Store<{ name: string | undefined; wasExpired: boolean }>({ name: undefined, wasExpired: false });
  private token: string | undefined;

  async logIn(email: string, password: string): Promise<void> {
    const response = await fetch("/v1/operator/login", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ email, password }),
    }).catch(() => {
      throw new ApiError(0);
    });
    if (!response.ok) throw await toApiError(response);
    const answer = (await response.json()) as OperatorLoginAnswer;
    this.token = answer.accessToken;
    this.state.set({ name: answer.operator.name, wasExpired: false });
  }

  async freshToken(): Promise<string> {
    if (this.token === undefined) throw new ApiError(401);
    return this.token;
  }

  /** Nothing renews it. */
  async refresh(): Promise<void> {
    this.expire();
    throw new ApiError(401);
  }

  expire(): void {
    this.forget(true);
  }

  logOut(): void {
    this.forget(false);
  }

  private forget(wasExpired: boolean): void {
    this.token = undefined;
    this.state.set({ name: undefined, wasExpired });
  }
}
