import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { baselineFolder, baselineOf, compared, picturesFolder } from "./compare.ts";
import { galleryOf } from "./gallery.ts";
import { languages, launchBrowser, type Stop, takePicture, walk } from "./walk.ts";

const help = `Options:
  --baselines     replace the committed pictures that the visual test compares with
  --views NAMES   only these views, separated by commas`;

interface Options {
  baselines?: boolean;
  views?: string;
}
function parseOptions(): Options {
  try {
    return parseArgs({ options: { baselines: { type: "boolean" }, views: { type: "string" } } }).values;
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n\n${help}`);
    process.exit(1);
  }
}

const options = parseOptions();
const names = options.views?.split(",");
const isBaseline = ({ view, theme, size }: Omit<Stop, "page">) =>
  compared[view.name]?.theme === theme && compared[view.name]?.size === size;

const files: string[] = [];
const visit = async ({ page, view, language, theme, size }: Stop): Promise<void> => {
  const picture = await takePicture(page);
  if (options.baselines) return writeFile(baselineOf(view.name), picture);
  const file = `${view.name}.${language}.${theme}.${size}.png`;
  await writeFile(join(picturesFolder, file), picture);
  files.push(file);
};

const folder = options.baselines ? baselineFolder : picturesFolder;
if (!names) await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const browser = await launchBrowser();
try {
  const { missing, failures } = await walk({
    browser,
    languages: options.baselines ? ["pt-BR"] : languages,
    includes: (name) => (names?.includes(name) ?? true) && (!options.baselines || name in compared),
    isWanted: (stop) => !options.baselines || isBaseline(stop),
    visit,
  });
  if (!options.baselines) await writeFile(join(folder, "index.html"), galleryOf(files));
  for (const failure of failures) console.error(failure);
  if (failures.length > 0) process.exitCode = 1;
  if (missing.length > 0) console.warn(`No seeded answer for: ${missing.join(", ")}`);
  console.log(`${options.baselines ? Object.keys(compared).length : files.length} pictures in ${folder}`);
} finally {
  await browser.close();
}
