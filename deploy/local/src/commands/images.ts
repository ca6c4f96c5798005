import { runCommandLine, UsageError } from "@syszap/testing/command-line";
import { exitWithError, print } from "../console.ts";
import { buildImage, type EngineName, engineNames, findEngine } from "../images/build-engine.ts";
import { baseImagesOf, readDockerfile } from "../images/dockerfile.ts";
import { builtImages, otherImages } from "../images/image-list.ts";
import { journey } from "../images/journey/journey.ts";
import { makeStandIns } from "../images/stand-ins.ts";
import { smokeTest } from "../images/topology/smoke.ts";
import { requireChromium } from "../machine/chromium.ts";
import { ipProgram, opensslProgram, requireProgram, runcProgram } from "../machine/installed-command.ts";
import { forwardSignalsToTools } from "../tools.ts";

const usage = `Usage: npm run images -- [options] [SERVICE …]

Builds the images of docker-compose.yml, or those of the named entries.

  --engine NAME   ${engineNames.join(", ")}; default: the first that works. buildah is installed on Debian
  --pull          with buildah: use the registry's base images instead of local stand-ins
  --smoke         also runs docker-compose.yml from the images, without an engine. Needs buildah and root; installs runc
  --journey       also goes the whole way of a first installation: company, linked phone, upgrade, backup, loss, restore
  --version TEXT  the images' version (default: that of SYSZAP_VERSION, or unknown)`;

const options = {
  engine: { type: "string" },
  smoke: { type: "boolean", default: false },
  journey: { type: "boolean", default: false },
  pull: { type: "boolean", default: false },
  version: { type: "string", default: process.env.SYSZAP_VERSION ?? "unknown" },
} as const;

/** `npm run images`. */
export const run = (args: string[]): Promise<void> =>
  runCommandLine({ args, options, usage }, async ({ values, positionals }) => {
    forwardSignalsToTools();
    const images = chosenImages(positionals);
    const chosen = values.engine === undefined ? undefined : engineOf(values.engine);
    try {
      const engine = chosen ?? (await findEngine());
      const isRun = values.smoke || values.journey;
      if (isRun && engine !== "buildah") throw new Error("--smoke and --journey need --engine buildah.");
      await build(images, engine, values);
      if (isRun) await prepareRunning();
      if (values.smoke) await smokeTest();
      if (values.journey) await journey(await requireChromium());
    } catch (error) {
      exitWithError(error);
    }
  });

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

async function prepareRunning(): Promise<void> {
  for (const program of [runcProgram, ipProgram, opensslProgram]) await requireProgram(program);
  await makeStandIns(otherImages);
}

function chosenImages(names: string[]): typeof builtImages {
  const unknown = names.find((name) => !builtImages.some(({ service }) => service === name));
  if (unknown !== undefined) throw new UsageError(`docker-compose.yml builds no image ${unknown}.`);
  return names.length === 0 ? builtImages : builtImages.filter(({ service }) => names.includes(service));
}

function engineOf(name: string): EngineName {
  const engine = engineNames.find((each) => each === name);
  if (engine === undefined) throw new UsageError(`--engine takes ${engineNames.join(", ")}, not ${name}.`);
  return engine;
}
