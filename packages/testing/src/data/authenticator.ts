import { TOTP } from "otpauth";

const stepMs = 30_000;

/** An authenticator app. */
export class Authenticator {
  private readonly totp: TOTP;
  private lastStep = 0;

  /** `secret` is in base32. */
  constructor(readonly secret: string) {
    this.totp = new TOTP({ secret });
  }

  /** A code that was not returned before. The server accepts the code of the next time step too, so two are valid at a time. */
  next(): string {
    const now = Math.floor(Date.now() / stepMs);
    this.lastStep = Math.max(now, this.lastStep + 1);
    if (this.lastStep > now + 1) throw new Error("there is no further valid code in this time step");
    return this.totp.generate({ timestamp: this.lastStep * stepMs });
  }

  /** The code of the time step `offset` steps from now. */
  at(offset: number): string {
    return this.totp.generate({ timestamp: Date.now() + offset * stepMs });
  }
}
