import { execFile } from "node:child_process";
import { chmod, cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { print } from "../console.ts";
import { mmdebstrapProgram, requireProgram } from "../machine/installed-command.ts";
import { requireNode } from "../machine/node-binary.ts";
import { buildah } from "./buildah.ts";
import { type Recipe, recipeOf } from "./stand-in-recipes.ts";

const run = promisify(execFile);
const debian = "http://deb.debian.org/debian";

const exists = (image: string) =>
  buildah("inspect", "--type", "image", image).then(
    () => true,
    () => false,
  );

/** Makes local images under the names of a registry's images, for machines that reach Debian's packages and npm, but no registry. */
export async function makeStandIns(images: readonly string[]): Promise<void> {
  for (const image of images) {
    if (await exists(image)) continue;
    print(`Making a stand-in for ${image} …`);
    await makeStandIn(image, recipeOf(image));
  }
}

async function makeStandIn(image: string, recipe: Recipe): Promise<void> {
  const mmdebstrap = await requireProgram(mmdebstrapProgram);
  const container = await buildah("from", "scratch");
  try {
    const folder = await buildah("mount", container);
    const { suite, packages, commands = [] } = recipe;
    await run(
      mmdebstrap,
      [
        "--variant=minbase",
        ...(packages.length > 0 ? [`--include=${packages.join(",")}`] : []),
        ...commands.map((command) => `--customize-hook=chroot "$1" sh -c '${command}'`),
        ...[suite, folder],
        `deb ${debian} ${suite} main`,
        `deb ${debian} ${suite}-updates main`,
        `deb ${debian}-security ${suite}-security main`,
      ],
      { maxBuffer: 64 * 1024 * 1024 },
    );
    for (const [path, name] of Object.entries(recipe.files ?? {})) await addProgram(join(folder, path), name);
    if (recipe.node !== undefined) await addNode(folder, recipe.node);
    const trust = recipe.packages.includes("ca-certificates") ? await addAuthorities(folder) : [];
    await buildah("config", ...trust, ...(recipe.config ?? []), container);
    await buildah("umount", container);
    await buildah("commit", "--format", "docker", container, image);
  } finally {
    await buildah("rm", container);
  }
}

async function addProgram(path: string, name: string): Promise<void> {
  await cp(fileURLToPath(new URL(name, import.meta.url)), path);
  await chmod(path, 0o755);
}

/** Adds the programs of the image `node`: Node and npm. */
async function addNode(folder: string, version: string): Promise<void> {
  const local = join(folder, "usr/local");
  const node = await requireNode(version);
  await mkdir(join(local, "bin"), { recursive: true });
  await cp(join(node.folder, "node"), join(local, "bin/node"));
  await run("npm", ["install", "--global", "--prefix", local, "--no-audit", "--no-fund", "npm@11"]);
}

/** Adds the certificate authorities that this machine trusts for npm, if it names any. Returns options of `buildah config`. */
async function addAuthorities(folder: string): Promise<string[]> {
  const own = process.env.NODE_EXTRA_CA_CERTS;
  if (own === undefined || own === "") return [];
  const file = "/usr/local/share/ca-certificates.crt";
  await cp(own, join(folder, file));
  return ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE"].flatMap((name) => ["--env", `${name}=${file}`]);
}
