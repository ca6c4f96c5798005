import { ProblemError } from "../problem.ts";
import type { LoginAttempt, LoginThrottle } from "./login-throttle.ts";
import type { Passwords } from "./passwords.ts";

/** Checks the password of somebody who is signed in. Counts as an attempt to sign in. Rejects with `wrong_password`. */
export class PasswordConfirmation {
  constructor(
    private readonly passwords: Passwords,
    private readonly throttle: LoginThrottle,
  ) {}

  async confirm(attempt: LoginAttempt, password: string, passwordHash: string | null): Promise<void> {
    try {
      await this.throttle.attempt(attempt, async () => {
        if (!(await this.passwords.matches(password, passwordHash ?? undefined)))
          throw new ProblemError("wrong_credentials", "");
      });
    } catch (error) {
      if (error instanceof ProblemError && error.problem === "wrong_credentials")
        throw new ProblemError("wrong_password", "Enter the password with which you sign in.");
      throw error;
    }
  }
}
