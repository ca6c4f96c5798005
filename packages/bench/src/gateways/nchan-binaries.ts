import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export interface Nchan {
  nginx: string;
  module: string;
}

const run = promisify(execFile);
const debianPackages = ["nginx", "libnginx-mod-nchan"];
const unpackedFolder = fileURLToPath(new URL("../../../../.data/nchan/", import.meta.url));
/** Compiled into Debian's nginx. Nchan's module requires this folder, independent of the configuration. */
const workFolder = "/var/lib/nginx";
const modulePath = "usr/lib/nginx/modules/ngx_nchan_module.so";

/**
 * Finds an installed Nchan or unpacks Debian's packages into `.data`, because installing them would start a web server.
 * Undefined on other systems.
 */
export async function findNchan(): Promise<Nchan | undefined> {
  const known = nchanIn("/") ?? nchanIn(unpackedFolder);
  if (known || !existsSync("/usr/bin/apt-get")) return known;
  await unpack().catch(() => undefined);
  return nchanIn(unpackedFolder);
}

function nchanIn(root: string): Nchan | undefined {
  const [nginx, module] = [join(root, "usr/sbin/nginx"), join(root, modulePath)];
  return existsSync(nginx) && existsSync(module) ? { nginx, module } : undefined;
}

async function unpack(): Promise<void> {
  await mkdir(workFolder, { recursive: true });
  await mkdir(unpackedFolder, { recursive: true });
  await run("apt-get", ["download", ...debianPackages], { cwd: unpackedFolder });
  const archives = (await readdir(unpackedFolder)).filter((file) => file.endsWith(".deb"));
  for (const archive of archives) await run("dpkg", ["-x", archive, "."], { cwd: unpackedFolder });
}
