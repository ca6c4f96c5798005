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

  /** The new cookie replaces that of an earlier login, which other tabs may still use. */
  acceptInvitation(body: RequestOf<"acceptInvitation">["body"]): Promise<SecondFactorChallenge | undefined> {
    this.signOutOtherTabs();
    return this.enter("acceptInvitation", body);
  }

  /** Stores the changed account of the signed-in user. */
  updateMe(me: Me): void {
    if (this.state.get().kind === "signed_in") this.state.set({ kind: "signed_in", me });
  }
}
