/** What a local image contains that stands in for one of a registry. */
export interface Recipe {
  /** Release of Debian. */
  suite: string;
  packages: readonly string[];
  /** Version of Node from npm. */
  node?: string;
  /** Files of this folder that are copied, by their path in the image. */
  files?: Record<string, string>;
  /** Shell commands that are run in the new root file system. */
  commands?: readonly string[];
  /** Options of `buildah config`. */
  config?: readonly string[];
}

const path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Makes what the shipped Dockerfiles use of the image. Not all that the image has. */
export function recipeOf(image: string): Recipe {
  const [, name = "", tag = ""] = /^(?:docker\.io\/)?(?:library\/)?(.+):([^:]+)$/.exec(image) ?? [];
  const recipe = recipes[name]?.(tag);
  if (recipe === undefined)
    throw new Error(
      `There is no stand-in for the image ${image}. Build with --pull, or add one to stand-in-recipes.ts.`,
    );
  return { ...recipe, config: ["--env", path, ...(recipe.config ?? [])] };
}

const recipes: Record<string, (tag: string) => Recipe> = {
  node: (tag) => {
    const [version = "", suite = ""] = tag.split("-");
    return {
      suite,
      packages: ["ca-certificates"],
      node: version,
      commands: ["groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node"],
    };
  },
  debian: (tag) => ({ suite: tag.split("-")[0] ?? "", packages: [] }),
  // Debian's nginx resolves host names only when it starts.
  "nginxinc/nginx-unprivileged": () => ({
    suite: "bookworm",
    packages: ["nginx-core", "wget"],
    commands: ["groupadd --gid 101 nginx || true", "rm -rf /usr/share/nginx/html/*"],
    config: ["--user", "101"],
  }),
  postgres: (tag) => ({
    suite: "bookworm",
    packages: [`postgresql-${Number.parseInt(tag, 10)}`],
    files: { "/usr/local/bin/docker-entrypoint.sh": "postgres-entrypoint.sh" },
    commands: ["install -d -o postgres -g postgres -m 700 /var/lib/postgresql/data"],
    config: [
      ...["--user", "postgres", "--entrypoint", '["docker-entrypoint.sh"]', "--cmd", "postgres"],
      ...["--env", `PATH=/usr/lib/postgresql/${Number.parseInt(tag, 10)}/bin:/usr/local/bin:/usr/bin:/bin`],
      ...["--env", "PGDATA=/var/lib/postgresql/data"],
    ],
  }),
  redis: () => ({
    suite: "bookworm",
    packages: ["redis-server"],
    commands: ["install -d -o redis -g redis /data"],
    config: ["--workingdir", "/data", "--cmd", "redis-server"],
  }),
};
