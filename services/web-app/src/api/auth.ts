import type { LoginAnswer, Me, RequestOf, SecondFactorChallenge } from "@syszap/contracts";
import { TokenAuth } from "./token-auth.ts";

/** The login of a company's user. */
export class Auth extends TokenAuth<LoginAnswer, { me: Me }> {
  constructor() {
    super({
      name: "syszap",
      operations: {
        completeLogin: "completeLogin",
        startSetup: "startSecondFactorAtLogin",
        activateSetup: "activateSecondFactorAtLogin",
        refresh: "refresh",
        logout: "logout",
      },
      personOf: ({ me }) => ({ me }),
    });
  }

  logIn(email: string, password: string): Promise<SecondFactorChallenge | undefined> {
    return this.enter("login", { email, password });
  }

  /** The new login replaces the cookie of an earlier one, which other tabs may still use: they are signed out. */
  async acceptInvitation(body: RequestOf<"acceptInvitation">["body"]): Promise<SecondFactorChallenge | undefined> {
    const challenge = await this.enter("acceptInvitation", body);
    this.signOutOtherTabs();
    return challenge;
  }

  /** Stores the changed account of the signed-in user. */
  updateMe(me: Me): void {
    if (this.state.get().kind === "signed_in") this.state.set({ kind: "signed_in", me });
  }
}
