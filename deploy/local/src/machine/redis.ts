import { findRedisServer } from "@syszap/testing/servers";
import { print } from "../console.ts";
import { installDebianPackage } from "./debian-packages.ts";

/** Makes sure that redis-server or valkey-server is installed. Installs Debian's package if root rights are available. */
export async function requireRedis(): Promise<void> {
  if (findRedisServer() !== undefined) return;
  print("Installing redis-server …");
  await installDebianPackage("redis-server");
  if (findRedisServer() !== undefined) return;
  throw new Error(
    "sysZap needs Redis: install redis-server or valkey-server (macOS: brew install redis), or set REDIS_URL to the URL of a server.",
  );
}
