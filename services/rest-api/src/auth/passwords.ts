import { randomBytes } from "node:crypto";
import { type Algorithm, hash, verify } from "@node-rs/argon2";

interface PasswordCost {
  /** In KiB. */
  memoryCost: number;
  /** Number of passes. */
  timeCost: number;
}

/** The cost that OWASP recommends for Argon2id. */
const recommendedCost: PasswordCost = { memoryCost: 19_456, timeCost: 2 };
const algorithm = { algorithm: 2 satisfies Algorithm.Argon2id, parallelism: 1 };

/** Hashes and verifies passwords. Verification takes equally long when there is no stored hash, which hides unknown accounts. */
export class Passwords {
  private constructor(
    private readonly cost: PasswordCost,
    private readonly decoyHash: string,
  ) {}

  /** Only tests choose another cost. */
  static async create(cost = recommendedCost): Promise<Passwords> {
    return new Passwords(cost, await hash(randomBytes(24), { ...algorithm, ...cost }));
  }

  hash(password: string): Promise<string> {
    return hash(password, { ...algorithm, ...this.cost });
  }

  /** Returns false when `stored` is undefined. */
  async matches(password: string, stored: string | undefined): Promise<boolean> {
    const isMatch = await verify(stored ?? this.decoyHash, password).catch(() => false);
    return isMatch && stored !== undefined;
  }
}
