import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommandLine } from "@syszap/testing/command-line";
import { baselineFolder, baselineOf, compared, picturesFolder } from "./compare.ts";
import { galleryOf } from "./gallery.ts";
import { languages, launchBrowser, type Stop, takePicture, walk } from "./walk.ts";

const usage = `Usage: npm run screenshots -- [options]

Options:
  --baselines     replace the committed pictures that the visual test compares with
  --views NAMES   only these views, separated by commas`;
const options = { baselines: { type: "boolean", default: false }, views: { type: "string" } } as const;
const isBaseline = ({ view, theme, size }: Omit<Stop, "page">) =>
  compared[view.name]?.theme === theme && compared[view.name]?.size === size;

await runCommandLine({ args: process.argv.slice(2), options, usage }, async ({ values }) => {
  const names = values.views?.split(",");
  const files: string[] = [];
  const visit = async ({ page, view, language, theme, size }: Stop): Promise<void> => {
    const picture = await takePicture(page);
    if (values.baselines) return writeFile(baselineOf(view.name), picture);
    const file = `${view.name}.${language}.${theme}.${size}.png`;
    await writeFile(join(picturesFolder, file), picture);
    files.push(file);
  };

  const folder = values.baselines ? baselineFolder : picturesFolder;
  if (!names) await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const browser = await launchBrowser();
  try {
    const { missing, failures } = await walk({
      browser,
      languages: values.baselines ? ["pt-BR"] : languages,
      includes: (name) => (names?.includes(name) ?? true) && (!values.baselines || name in compared),
      isWanted: (stop) => !values.baselines || isBaseline(stop),
      visit,
    });
    if (!values.baselines) await writeFile(join(folder, "index.html"), galleryOf(files));
    for (const failure of failures) console.error(failure);
    if (failures.length > 0) process.exitCode = 1;
    if (missing.length > 0) console.warn(`No seeded answer for: ${missing.join(", ")}`);
    console.log(`${values.baselines ? Object.keys(compared).length : files.length} pictures in ${folder}`);
  } finally {
    await browser.close();
  }
});
