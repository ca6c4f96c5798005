import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { print } from "../console.ts";
import { installDebianPackage } from "./debian-packages.ts";

/** Debian installs nginx into /usr/sbin, which is not in the PATH of every user. */
const extraFolders = ["/usr/sbin", "/usr/local/sbin", "/opt/homebrew/bin"];

/** Returns the path of an installed nginx. */
function findNginx(): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter), ...extraFolders];
  return folders.map((folder) => join(folder, "nginx")).find((path) => existsSync(path));
}

/** Makes sure that nginx is installed: the tests run the configuration of the web app's image. */
export async function requireNginx(): Promise<string> {
  const found = findNginx();
  if (found !== undefined) return found;
  print("Installing nginx-core …");
  await installDebianPackage("nginx-core");
  const installed = findNginx();
  if (installed !== undefined) return installed;
  throw new Error("The tests need nginx: install nginx-core (macOS: brew install nginx).");
}
