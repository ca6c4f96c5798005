import { mkdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { print } from "../console.ts";
import { root } from "../paths.ts";
import { runTool } from "../tools.ts";

const file = join(root, ".reports/sbom.cdx.json");

/**
 * `npm run sbom`: writes the software bill of materials (CycloneDX) of all packages that the services and the page use in production.
 * The images have their own, with the packages of their systems.
 */
export async function run(): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  const shipped = ["--filter", "./services/*", "--filter", "@syszap/database"];
  const format = ["--sbom-format", "cyclonedx", "--sbom-type", "application"];
  process.exitCode = await runTool("pnpm", [...shipped, "sbom", ...format, "--prod", "--out", file]);
  if (process.exitCode === 0) print(relative(root, file));
}
