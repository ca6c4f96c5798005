import { mkdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root folder. */
export const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Files and folders of one local installation. Installations with different data directories share nothing. */
export interface DataPaths {
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

export function dataPathsIn(dataDirectory: string | undefined): DataPaths {
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

/** Creates the folders, readable by their owner only: they hold messages, secrets and the keys of linked phones. */
export function createDataFolders(paths: DataPaths): void {
  for (const folder of [paths.data, paths.logs, paths.redis, paths.media, paths.profiles]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
}

export const deleteData = (paths: DataPaths): void => rmSync(paths.data, { recursive: true, force: true });
