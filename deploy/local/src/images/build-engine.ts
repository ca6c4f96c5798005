import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { buildahProgram, requireProgram } from "../machine/installed-command.ts";
import { root } from "../paths.ts";
import { runTool } from "../tools.ts";
import type { BuiltImage } from "./image-list.ts";

export const engineNames = ["docker", "podman", "buildah"] as const;
export type EngineName = (typeof engineNames)[number];

const run = promisify(execFile);

/** Docker's client is often installed without an engine, so its presence does not count. */
const works = (engine: EngineName) =>
  run(engine, ["info"], { timeout: 20_000 }).then(
    () => true,
    () => false,
  );

/** Returns an engine that works here. Installs Debian's buildah, which needs no service, where there is none. */
export async function findEngine(): Promise<EngineName> {
  for (const engine of engineNames) if (await works(engine)) return engine;
  await requireProgram(buildahProgram);
  return "buildah";
}

/**
 * Arguments of a build. buildah runs the commands of a Dockerfile in a chroot, which works in containers and virtual machines without
 * further setup, and uses local images only when they stand in for those of a registry.
 */
export function buildArguments(
  engine: EngineName,
  image: BuiltImage,
  options: { version: string; pull: boolean },
): string[] {
  const own =
    engine === "buildah"
      ? ["--isolation", "chroot", "--layers", "--format", "docker", options.pull ? "--pull" : "--pull-never"]
      : options.pull
        ? ["--pull"]
        : [];
  const args = Object.entries({ ...image.args, SYSZAP_VERSION: options.version });
  return [
    "build",
    ...own,
    ...args.flatMap(([name, value]) => ["--build-arg", `${name}=${value}`]),
    ...["--file", image.dockerfile, "--tag", image.tag, "."],
  ];
}

export async function buildImage(
  engine: EngineName,
  image: BuiltImage,
  options: { version: string; pull: boolean },
): Promise<void> {
  const code = await runTool(engine, buildArguments(engine, image, options), { cwd: root, isQuiet: true });
  if (code !== 0) throw new Error(`The image ${image.tag} could not be built. The output above says why.`);
}
