import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { say } from "./say.ts";
import { installDebianPackage } from "./system-packages.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const macApplications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** Path of a browser of the Chromium family; undefined when this machine has none. */
export function findChromium(): string | undefined {
  const given = process.env.CHROMIUM_PATH;
  if (given !== undefined && given !== "") return given;
  const folders = (process.env.PATH ?? "").split(delimiter);
  return [...folders.flatMap((folder) => names.map((name) => join(folder, name))), ...macApplications].find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Installs Debian's Chromium where there is no browser and that needs no question. */
export async function requireChromium(): Promise<string> {
  const found = findChromium();
  if (found !== undefined) return found;
  say("Installing chromium …");
  await installDebianPackage("chromium");
  const installed = findChromium();
  if (installed !== undefined) return installed;
  throw new Error("A browser is needed: install chromium or Google Chrome, or set CHROMIUM_PATH to one.");
}
