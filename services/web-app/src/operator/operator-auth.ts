import type { OperatorLoginAnswer } from "@syszap/contracts";
import type { Credentials } from "../api/api-client.ts";
import { ApiError } from "../api/api-error.ts";
import { readJson, sendRequest } from "../api/request.ts";
import { Store } from "../lib/store.ts";

/** An operator's login. The token is valid for one hour and is kept in memory only: a reload requires a new login. */
export class OperatorAuth implements Credentials {
  readonly state = new Store<{ name: string | undefined; wasExpired: boolean }>({ name: undefined, wasExpired: false });
  private token: string | undefined;

  async logIn(email: string, password: string): Promise<void> {
    const response = await sendRequest("loginOperator", { body: { email, password } });
    const answer = await readJson<OperatorLoginAnswer>(response);
    this.token = answer.accessToken;
    this.state.set({ name: answer.operator.name, wasExpired: false });
  }

  async freshToken(): Promise<string> {
    if (this.token === undefined) throw new ApiError(401);
    return this.token;
  }

  /** Always rejects: an operator's token cannot be renewed. */
  async refresh(): Promise<void> {
    this.expire();
    throw new ApiError(401);
  }

  expire(): void {
    this.clear(true);
  }

  logOut(): void {
    this.clear(false);
  }

  private clear(wasExpired: boolean): void {
    this.token = undefined;
    this.state.set({ name: undefined, wasExpired });
  }
}
