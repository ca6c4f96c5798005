import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { compose, readRoot } from "../src/compose-file.ts";
import { root } from "../src/paths.ts";

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, string>;
  env?: Record<string, string>;
}
interface Job {
  "runs-on"?: string;
  "timeout-minutes"?: number;
  uses?: string;
  needs?: string | string[];
  permissions?: Record<string, string>;
  strategy?: { matrix: Record<string, (string | Record<string, string>)[]> };
  steps?: Step[];
}
interface Workflow {
  on: object;
  permissions?: Record<string, string>;
  jobs: Record<string, Job>;
}

const folder = ".github/workflows";
const files = readdirSync(join(root, folder));
const workflow = (file: string): Workflow => parse(readRoot(`${folder}/${file}`));
const stepsOf = (file: string) => Object.values(workflow(file).jobs).flatMap(({ steps = [] }) => steps);
const { scripts, version } = JSON.parse(readRoot("package.json"));
const release = workflow("release.yml");

describe.for(files)("the workflow %s", (file) => {
  test("pins every action to a commit, with its version beside it", () => {
    const uses = [...readRoot(`${folder}/${file}`).matchAll(/uses: (.+)$/gm)].map(([, action = ""]) => action);
    expect(uses.length).toBeGreaterThan(0);
    for (const action of uses) {
      if (action.startsWith("./")) expect(existsSync(join(root, action))).toBe(true);
      else expect(action).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test("runs only scripts and files that exist", () => {
    const text = stepsOf(file)
      .flatMap((step) => [step.run ?? "", step.with?.version ?? "", step.with?.publish ?? ""])
      .join("\n");
    for (const [, name = ""] of text.matchAll(/npm run ([\w:-]+)/g)) expect(scripts).toHaveProperty([name]);
    for (const [path = ""] of text.matchAll(/(?<![\w/$"-])(?:\.ci|deploy)\/[\w./-]+/g))
      expect([path, existsSync(join(root, path))]).toEqual([path, true]);
  });

  test("grants each job only what it names, and bounds its time", () => {
    const { permissions, jobs } = workflow(file);
    expect(permissions).toEqual({ contents: "read" });
    for (const [name, job] of Object.entries(jobs)) {
      if (job.uses !== undefined) continue;
      expect([name, job["timeout-minutes"]]).toEqual([name, expect.any(Number)]);
      const usesLogin = job.steps?.some(({ uses }) => uses?.startsWith("docker/login-action@"));
      if (usesLogin) expect(job.permissions?.packages).toBe("write");
      const signs = job.steps?.some(({ run, uses }) => run?.includes("cosign") || uses?.includes("attest"));
      if (signs) expect(job.permissions).toMatchObject({ "id-token": "write" });
    }
  });

  test("needs only jobs that exist, and reads only outputs of jobs and steps that it waits for", () => {
    const { jobs } = workflow(file);
    for (const [name, job] of Object.entries(jobs)) {
      const needs = [job.needs ?? []].flat();
      for (const needed of needs) expect(Object.keys(jobs)).toContain(needed);
      const text = JSON.stringify(job);
      for (const [, needed] of text.matchAll(/needs\.(\w+)\./g))
        expect([name, needs]).toEqual([name, expect.arrayContaining([needed])]);
      for (const [, variable = ""] of text.matchAll(/matrix\.(\w+)/g))
        expect(job.strategy?.matrix).toHaveProperty(variable);
    }
  });

  test("puts no text of others into a shell", () => {
    for (const { run = "" } of stepsOf(file)) expect(run).not.toMatch(/\$\{\{/);
  });
});

test("the tests run on every supported version of Node and on both architectures", () => {
  const matrix = workflow("ci.yml").jobs.test?.strategy?.matrix;
  const engine = JSON.parse(readRoot("package.json")).engines.node.replace(">=", "");
  expect(matrix?.node).toEqual([engine, "22", "24"]);
  expect(matrix?.runner).toEqual(["ubuntu-24.04", "ubuntu-24.04-arm"]);
  expect(release.jobs.build?.needs).toContain("test");
});

test("a release builds the images of compose, with the same arguments, and signs each of them", () => {
  const built = (release.jobs.build?.strategy?.matrix.image ?? []) as Record<string, string>[];
  const expected = Object.entries(compose.services).flatMap(([name, { build }]) =>
    build === undefined
      ? []
      : [
          {
            name,
            file: build.dockerfile.replace("deploy/images/", ""),
            ...(build.args?.PACKAGE && { package: build.args.PACKAGE }),
          },
        ],
  );
  const byName = (one: Record<string, string>, other: Record<string, string>) =>
    (one.name ?? "").localeCompare(other.name ?? "");
  expect(built.toSorted(byName)).toEqual(expected.toSorted(byName));
  for (const { name, file } of built) {
    expect(existsSync(join(root, "deploy/images", file ?? ""))).toBe(true);
    expect(compose.services[name ?? ""]?.image).toBe(`syszap/${name}`);
  }
  const names = built.map(({ name }) => name);
  expect(release.jobs.sign?.strategy?.matrix.name).toEqual(names);
  // `digests-NAME-a*` finds the digests of both architectures, and of no other image whose name begins alike.
  for (const name of names)
    for (const other of names) if (name !== other) expect(other?.startsWith(`${name}-a`)).toBe(false);
});

test("changesets versions the published packages together, and no others", () => {
  const packages = readdirSync(join(root, "packages"))
    .map((name) => JSON.parse(readFileSync(join(root, "packages", name, "package.json"), "utf8")))
    .filter((manifest) => manifest.private !== true);
  const config = JSON.parse(readRoot(".changeset/config.json"));
  expect(config.fixed).toEqual([expect.arrayContaining(packages.map(({ name }) => name))]);
  expect(config.fixed[0]).toHaveLength(packages.length);
  expect(new Set(packages.map((manifest) => manifest.version)).size).toBe(1);
  const script = readRoot("deploy/build/publish-packages.mjs");
  for (const { name } of packages) expect(script).toContain(`"packages/${name.replace("@syszap/", "")}"`);
});

test("the changelog has a place for the next release, and Renovate's file is valid JSON that names packages in use", () => {
  expect(readRoot("CHANGELOG.md")).toMatch(/^## (Unreleased|\d+\.\d+\.\d+)/m);
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  const lockfile = readRoot("pnpm-lock.yaml");
  const { packageRules } = JSON.parse(readRoot("renovate.json"));
  const names: string[] = packageRules.flatMap(
    (rule: { matchPackageNames?: string[] }) => rule.matchPackageNames ?? [],
  );
  for (const name of names.filter((each) => !each.includes("postgres")))
    expect(lockfile).toContain(`${name.replace("/**", "/")}`);
});
