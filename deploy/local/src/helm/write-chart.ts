import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { root } from "../paths.ts";
import { chartFiles } from "./chart.ts";

export const chartFolder = join(root, "deploy/helm/syszap");
const templateFolder = join(chartFolder, "templates");

export function writeChart(): void {
  rmSync(templateFolder, { recursive: true, force: true });
  for (const [path, text] of chartFiles()) {
    const file = join(chartFolder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

/** Files of the chart that differ from what `npm run generate` would write. */
export function outdatedChartFiles(): string[] {
  const files = chartFiles();
  const differing = [...files].filter(([path, text]) => readOptional(join(chartFolder, path)) !== text);
  const existing = existsSync(templateFolder) ? readdirSync(templateFolder).map((name) => `templates/${name}`) : [];
  return [...differing.map(([path]) => path), ...existing.filter((path) => !files.has(path))];
}

const readOptional = (file: string) => (existsSync(file) ? readFileSync(file, "utf8") : undefined);
