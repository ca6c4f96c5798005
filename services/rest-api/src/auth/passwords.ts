import { randomBytes } from "node:crypto";
import { type Algorithm, hash, verify } from "@node-rs/argon2";

/** Argon2id with the parameters that OWASP recommends: 19 MiB of memory, two passes. */
const options = { algorithm: 2 satisfies Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Hashes and verifies passwords. Verification takes equally long when there is no stored hash, which hides unknown accounts. */
export class Passwords {
  private constructor(private readonly decoyHash: string) {}

  static async create(): Promise<Passwords> {
    return new Passwords(await hash(randomBytes(24), options));
  }

  hash(password: string): Promise<string> {
    return hash(password, options);
  }

  /** Returns false when `stored` is undefined. */
  async matches(password: string, stored: string | undefined): Promise<boolean> {
    const isMatch = await verify(stored ?? this.decoyHash, password).catch(() => false);
    return isMatch && stored !== undefined;
  }
}
