import { parseArgs } from "node:util";
import { exitWithError, print } from "../console.ts";
import { buildImage, type EngineName, engineNames, findEngine } from "../images/build-engine.ts";
import { baseImagesOf, readDockerfile } from "../images/dockerfile.ts";
import { builtImages, otherImages } from "../images/image-list.ts";
import { makeStandIns } from "../images/stand-ins.ts";
import { smokeTest } from "../images/topology/smoke.ts";
import { ipProgram, requireProgram, runcProgram } from "../machine/installed-command.ts";
import { forwardSignalsToTools } from "../tools.ts";

const help = `Usage: npm run images -- [options] [SERVICE …]

Builds the images of docker-compose.yml, or those of the named entries.

  --engine NAME   ${engineNames.join(", ")}; default: the first that works. buildah is installed on Debian
  --pull          with buildah: use the registry's base images instead of local stand-ins
  --smoke         also runs docker-compose.yml from the images, without an engine. Needs buildah and root; installs runc
  --version TEXT  the images' version (default: that of SYSZAP_VERSION, or unknown)`;

/** `npm run images`. */
export async function run(args: string[]): Promise<void> {
  forwardSignalsToTools();
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        engine: { type: "string" },
        smoke: { type: "boolean", default: false },
        pull: { type: "boolean", default: false },
        version: { type: "string", default: process.env.SYSZAP_VERSION ?? "unknown" },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) return print(help);
    const engine = values.engine === undefined ? await findEngine() : engineOf(values.engine);
    if (values.smoke && engine !== "buildah") throw new Error("--smoke needs --engine buildah.");
    await build(chosenImages(positionals), engine, values);
    if (values.smoke) await smoke();
  } catch (error) {
    exitWithError(error);
  }
}

async function build(
  images: typeof builtImages,
  engine: EngineName,
  options: { pull: boolean; version: string },
): Promise<void> {
  const bases = new Set(images.flatMap(({ dockerfile }) => baseImagesOf(readDockerfile(dockerfile))));
  if (engine === "buildah" && !options.pull) await makeStandIns([...bases]);
  for (const image of images) {
    const startedAt = performance.now();
    await buildImage(engine, image, options);
    print(`✓ ${image.tag} (${Math.round((performance.now() - startedAt) / 1_000)} s)`);
  }
}

async function smoke(): Promise<void> {
  for (const program of [runcProgram, ipProgram]) await requireProgram(program);
  await makeStandIns(otherImages);
  await smokeTest();
}

function chosenImages(names: string[]): typeof builtImages {
  const unknown = names.find((name) => !builtImages.some(({ service }) => service === name));
  if (unknown !== undefined) throw new Error(`docker-compose.yml builds no image ${unknown}.\n\n${help}`);
  return names.length === 0 ? builtImages : builtImages.filter(({ service }) => names.includes(service));
}

function engineOf(name: string): EngineName {
  const engine = engineNames.find((each) => each === name);
  if (engine === undefined) throw new Error(`--engine takes ${engineNames.join(", ")}, not ${name}.`);
  return engine;
}
