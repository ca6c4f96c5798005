import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { print } from "../console.ts";
import { installDebianPackage } from "./debian-packages.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const macApplications = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

/** Returns the path of an installed Chromium-based browser: CHROMIUM_PATH, then PATH, then the macOS application folders. */
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

/**
 * Returns the path of a Chromium-based browser. Installs Debian's package when none is found and root rights are available.
 * Throws an error that says what to install otherwise.
 */
export async function requireChromium(): Promise<string> {
  const found = findChromium();
  if (found !== undefined) return found;
  print("Installing chromium …");
  await installDebianPackage("chromium");
  const installed = findChromium();
  if (installed !== undefined) return installed;
  throw new Error(
    "sysZap needs a browser: install chromium or Google Chrome, or set CHROMIUM_PATH to the path of one.",
  );
}
