import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

export interface LibraryVersions {
  wppconnect: string;
  waJs: string;
}

const wppconnect = "@wppconnect-team/wppconnect";
const waJs = "@wppconnect/wa-js";
const connectorFile = "services/whatsapp-connector/package.json";
const workspaceFile = "pnpm-workspace.yaml";
/** wa-js is a dependency of wppconnect, so its version is pinned by an override. */
const waJsPin = /^( {2}"@wppconnect\/wa-js": )(\S+)$/m;
const wppconnectPin = /("@wppconnect-team\/wppconnect": ")([^"]+)(")/;

/** The versions that the checkout pins. */
export function pinnedVersions(checkout: string): LibraryVersions {
  const [, , library] = wppconnectPin.exec(readFileSync(join(checkout, connectorFile), "utf8")) ?? [];
  const [, , script] = waJsPin.exec(readFileSync(join(checkout, workspaceFile), "utf8")) ?? [];
  if (library === undefined) throw new Error(`${connectorFile} does not pin ${wppconnect}.`);
  if (script === undefined) throw new Error(`${workspaceFile} does not pin ${waJs}.`);
  return { wppconnect: library, waJs: script };
}

export function pinVersions(checkout: string, versions: LibraryVersions): void {
  const replace = (file: string, pin: RegExp, replacement: string) => {
    const path = join(checkout, file);
    writeFileSync(path, readFileSync(path, "utf8").replace(pin, replacement));
  };
  replace(connectorFile, wppconnectPin, `$1${versions.wppconnect}$3`);
  replace(workspaceFile, waJsPin, `$1${versions.waJs}`);
}

/** Asks the npm registry for the newest releases. */
export async function newestVersions(): Promise<LibraryVersions> {
  const newest = async (name: string) =>
    (await promisify(execFile)("npm", ["view", name, "version"], { timeout: 60_000 })).stdout.trim();
  const [library, script] = await Promise.all([newest(wppconnect), newest(waJs)]);
  return { wppconnect: library, waJs: script };
}
