import { randomBytes } from "node:crypto";
import { type Algorithm, hash, verify } from "@node-rs/argon2";

/** OWASP's recommendation for argon2id: 19 MiB, two passes. */
const options = { algorithm: 2 satisfies Algorithm.Argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Knows whether a password fits, and takes as long to say so when there is nothing to compare with. */
export class Passwords {
  private constructor(private readonly decoy: string) {}

  static async create(): Promise<Passwords> {
    return new Passwords(await hash(randomBytes(24), options));
  }

  hash(password: string): Promise<string> {
    return hash(password, options);
  }

  /** Without a stored hash the answer is always no. */
  async matches(password: string, stored: string | undefined): Promise<boolean> {
    const fits = await verify(stored ?? this.decoy, password).catch(() => false);
    return fits && stored !== undefined;
  }
}
