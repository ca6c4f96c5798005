import { compose } from "../compose-file.ts";

export interface BuiltImage {
  /** Entry of `docker-compose.yml`. */
  service: string;
  tag: string;
  dockerfile: string;
  /** Build arguments, without the version. */
  args: Record<string, string>;
}

/** The images that `docker-compose.yml` builds. */
export const builtImages: readonly BuiltImage[] = Object.entries(compose.services).flatMap(([service, entry]) => {
  if (entry.build === undefined || entry.image === undefined) return [];
  const { SYSZAP_VERSION: _version, ...args } = entry.build.args ?? {};
  return [{ service, tag: entry.image, dockerfile: entry.build.dockerfile, args }];
});

/** Images of servers that `docker-compose.yml` takes from a registry, without those of monitoring. */
export const otherImages: readonly string[] = Object.values(compose.services).flatMap((entry) =>
  entry.build === undefined && entry.image !== undefined && !entry.profiles?.includes("monitoring")
    ? [entry.image]
    : [],
);
