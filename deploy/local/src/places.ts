import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The checkout. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Everything that one run keeps on disk. Two checkouts, or two data folders, never meet. */
export interface Places {
  data: string;
  logs: string;
  postgres: string;
  redis: string;
  media: string;
  profiles: string;
  spool: string;
  secretsFile: string;
  runFile: string;
}

export function placesIn(dataDirectory: string | undefined): Places {
  const data = resolve(root, dataDirectory ?? ".data");
  const within = (name: string) => join(data, name);
  return {
    data,
    logs: within("logs"),
    postgres: within("postgres"),
    redis: within("redis"),
    media: within("media"),
    profiles: within("profiles"),
    spool: within("spool"),
    secretsFile: within("secrets.json"),
    runFile: within("run.json"),
  };
}

/** Only the person who runs it may read it: it holds messages, secrets and the keys of linked phones. */
export function makePlaces(places: Places): void {
  for (const folder of [places.data, places.logs, places.redis, places.media, places.profiles]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
}

export const deleteData = (places: Places): void => rmSync(places.data, { recursive: true, force: true });
