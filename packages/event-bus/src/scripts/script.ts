import { createHash } from "node:crypto";
import type { Redis } from "ioredis";
import { guarded } from "../errors.ts";

/** A Lua script that Redis runs atomically. Kept as text in the module, so that bundling to one file keeps it. */
export class Script {
  private readonly sha: string;

  constructor(private readonly lua: string) {
    this.sha = createHash("sha1").update(lua).digest("hex");
  }

  /** Sends the digest, and the text only to a Redis that does not know it yet. */
  run(redis: Redis, names: string[], args: (string | number)[]): Promise<unknown> {
    return guarded(async () => {
      try {
        return await redis.evalsha(this.sha, names.length, ...names, ...args);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
        return await redis.eval(this.lua, names.length, ...names, ...args);
      }
    });
  }
}
