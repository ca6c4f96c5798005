import { createHash, createHmac } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../paths.ts";

/** The password of a service's user, derived from the one of the user `default`. */
const passwordOf = (user: string, password: string): string =>
  user === "default" ? password : createHmac("sha256", password).update(user).digest("hex");

/** Writes the users of the shipped Redis, so that missing permissions are found here. Returns the settings of the server. */
export function writeRedisUsers(folder: string, password: string): string[] {
  const template = readFileSync(join(root, "deploy/redis/users.acl"), "utf8");
  const file = join(folder, "users.acl");
  const hash = (user: string) => `#${createHash("sha256").update(passwordOf(user, password)).digest("hex")}`;
  const users = template.replace(/\{([\w-]+)\}/g, (_match, user: string) => hash(user));
  writeFileSync(file, users, { mode: 0o600 });
  return ["--aclfile", file];
}

/** The address for a service's own user. A Redis that is not ours has no such users. */
export function redisUrlFor(service: string, url: string, password: string): string {
  if (!URL.canParse(url) || new URL(url).password !== password) return url;
  return Object.assign(new URL(url), { username: service, password: passwordOf(service, password) }).href;
}
