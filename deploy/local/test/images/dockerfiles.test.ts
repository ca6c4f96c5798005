import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { compose } from "../../src/compose-file.ts";
import { buildArguments } from "../../src/images/build-engine.ts";
import { baseImagesOf, type Instruction, readDockerfile } from "../../src/images/dockerfile.ts";
import { builtImages } from "../../src/images/image-list.ts";
import { recipeOf } from "../../src/images/stand-in-recipes.ts";
import { root } from "../../src/paths.ts";

const files = readdirSync(join(root, "deploy/images"))
  .filter((name) => name.endsWith(".Dockerfile"))
  .map((name) => `deploy/images/${name}`);
const bases = new Set(files.flatMap((file) => baseImagesOf(readDockerfile(file))));

/** The instructions of the image itself, without those of earlier stages. */
const lastStage = (instructions: Instruction[]) =>
  instructions.slice(instructions.findLastIndex(({ name }) => name === "FROM"));
const lastValue = (instructions: Instruction[], name: string) =>
  instructions.findLast((each) => each.name === name)?.value;

/** Names of images with a version of three numbers, or a release of Debian with its day. */
const pinned = /^[a-z.]+(?:\/[a-z-]+)+:(?:\d+\.\d+\.\d+|[a-z]+-\d{8})(?:-[a-z0-9.-]+)?(?:@sha256:[0-9a-f]{64})?$/;

describe.for(files)("%s", (file) => {
  const instructions = readDockerfile(file);

  test("is based on pinned versions, named with their registry", () => {
    for (const base of baseImagesOf(instructions)) expect(base).toMatch(pinned);
  });

  test("installs packages before it copies sources", () => {
    const copy = instructions.findIndex(({ name, value }) => name === "COPY" && value === ". .");
    const install = instructions.findIndex(({ name, value }) => name === "RUN" && value.includes("pnpm fetch"));
    expect(copy === -1 || (install !== -1 && install < copy)).toBe(true);
  });

  test("runs as a user that is a number, and not root", () => {
    expect(lastValue(lastStage(instructions), "USER")).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  test("has a first process that reaps orphans and forwards signals", () => {
    const stage = lastStage(instructions);
    const isNginx = lastValue(stage, "CMD")?.includes("exec nginx") === true;
    expect(isNginx || lastValue(stage, "ENTRYPOINT")?.startsWith('["tini", "--"')).toBe(true);
  });

  test("has a label with the version", () => {
    const labels = lastStage(instructions).filter(({ name }) => name === "LABEL");
    expect(labels.map(({ value }) => value).join(" ")).toContain('org.opencontainers.image.version="$SYSZAP_VERSION"');
  });
});

test("all images of Node begin with the same instructions, so that they share layers", () => {
  const heads = files
    .map((file) => readDockerfile(file))
    .filter((instructions) => baseImagesOf(instructions).some((base) => base.includes("/node:")))
    .map((instructions) =>
      instructions.slice(
        0,
        1 + instructions.findIndex(({ value }) => value === "pnpm install --frozen-lockfile --offline"),
      ),
    );
  expect(heads).toHaveLength(4);
  for (const head of heads) {
    expect(head.length).toBeGreaterThan(5);
    expect(head).toEqual(heads[0]);
  }
});

test("images use one release of Node, which has long-term support", () => {
  const releases = [...bases].filter((base) => base.includes("/node:"));
  expect(releases).toHaveLength(1);
  expect(releases[0]).toContain("/node:24.");
});

test("compose builds each Dockerfile, and passes the version to it", () => {
  expect([...new Set(builtImages.map(({ dockerfile }) => dockerfile))].sort()).toEqual([...files].sort());
  for (const { service } of builtImages)
    expect(compose.services[service]?.build?.args?.SYSZAP_VERSION).toBe(["$", "{SYSZAP_VERSION:-unknown}"].join(""));
});

test("compose starts no second init process", () => {
  for (const { service } of builtImages) expect(compose.services[service]).not.toHaveProperty("init");
});

test("images that compose does not build are pinned", () => {
  const others = Object.values(compose.services).filter((entry) => entry.build === undefined);
  expect(others.length).toBeGreaterThan(1);
  for (const { image } of others) expect(image).toMatch(/:v?\d+\.\d+/);
});

test("every base image has a stand-in for machines without a registry", () => {
  for (const base of bases) expect(recipeOf(base).suite).toMatch(/^[a-z]+$/);
});

test("what an image copies from the repository exists", () => {
  const copied = files.flatMap((file) =>
    readDockerfile(file)
      .filter(({ name, value }) => name === "COPY" && !value.startsWith("--from"))
      .flatMap(({ value }) => value.split(" ").slice(0, -1)),
  );
  for (const path of copied) expect([path, existsSync(join(root, path))]).toEqual([path, true]);
});

test("buildah uses local stand-ins unless it is asked to pull", () => {
  const [image] = builtImages;
  if (image === undefined) throw new Error("compose builds no image");
  const options = { version: "1.2.3", pull: false };
  expect(buildArguments("buildah", image, options)).toContain("--pull-never");
  expect(buildArguments("buildah", image, { ...options, pull: true })).not.toContain("--pull-never");
  expect(buildArguments("docker", image, options).join(" ")).toContain("--build-arg SYSZAP_VERSION=1.2.3");
});
