import { createHash } from "node:crypto";
import type { Cluster, Redis } from "ioredis";
import { guarded } from "../errors.ts";

/** A Lua script that Redis runs atomically. The text is part of the module, so bundling needs no extra files. */
export class Script {
  private readonly classic: { lua: string; sha: string };
  private readonly sharded: { lua: string; sha: string };

  /** PUBLISH is replaced by SPUBLISH for a Cluster: PUBLISH would be broadcast to every node. */
  constructor(lua: string) {
    this.classic = withDigest(lua);
    this.sharded = withDigest(lua.replaceAll("'PUBLISH'", "'SPUBLISH'"));
  }

  /** Sends the digest, and the text only if Redis does not have the script yet. */
  run(redis: Redis | Cluster, names: string[], args: (string | number)[]): Promise<unknown> {
    return this.attempt(redis, {
      bySha: (sha) => redis.evalsha(sha, names.length, ...names, ...args),
      byText: (lua) => redis.eval(lua, names.length, ...names, ...args),
    });
  }

  /** Like `run`, with buffers instead of strings in the reply. */
  runBuffer(redis: Redis | Cluster, names: string[], args: (string | number)[]): Promise<unknown> {
    return this.attempt(redis, {
      bySha: (sha) => redis.callBuffer("EVALSHA", sha, names.length, ...names, ...args),
      byText: (lua) => redis.callBuffer("EVAL", lua, names.length, ...names, ...args),
    });
  }

  private attempt(
    redis: Redis | Cluster,
    send: { bySha: (sha: string) => Promise<unknown>; byText: (lua: string) => Promise<unknown> },
  ): Promise<unknown> {
    const { lua, sha } = redis.isCluster ? this.sharded : this.classic;
    return guarded(async () => {
      try {
        return await send.bySha(sha);
      } catch (error) {
        if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
        return await send.byText(lua);
      }
    });
  }
}

const withDigest = (lua: string) => ({ lua, sha: createHash("sha1").update(lua).digest("hex") });
