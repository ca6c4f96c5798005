import { findProgram } from "@syszap/testing/servers";
import { print } from "../console.ts";
import { installDebianPackage } from "./debian-packages.ts";

interface Program {
  command: string;
  debianPackage: string;
  /** How to install it elsewhere. */
  elsewhere: string;
}

/** The tests run the configuration of the web app's image. */
export const nginxProgram: Program = {
  command: "nginx",
  debianPackage: "nginx-core",
  elsewhere: "macOS: brew install nginx",
};
/** The tests run Prometheus' rules. */
export const promtoolProgram: Program = {
  command: "promtool",
  debianPackage: "prometheus",
  elsewhere: "macOS: brew install prometheus",
};

/** Backups need pg_dump, pg_restore and psql, which the bundled Postgres does not have. */
export const postgresClientProgram: Program = {
  command: "pg_dump",
  debianPackage: "postgresql-client",
  elsewhere: "macOS: brew install postgresql@15",
};

export const pgbouncerProgram: Program = {
  command: "pgbouncer",
  debianPackage: "pgbouncer",
  elsewhere: "macOS: brew install pgbouncer",
};

/** `npm run images` builds with it where no Docker or Podman runs. */
export const buildahProgram: Program = {
  command: "buildah",
  debianPackage: "buildah",
  elsewhere: "or start Docker or Podman",
};

/** Makes the root file systems of the images that stand in for those of a registry. */
export const mmdebstrapProgram: Program = {
  command: "mmdebstrap",
  debianPackage: "mmdebstrap",
  elsewhere: "Debian and Ubuntu only; elsewhere use Docker or Podman",
};

/** The first installation on images makes certificates. */
export const opensslProgram: Program = {
  command: "openssl",
  debianPackage: "openssl",
  elsewhere: "macOS: brew install openssl",
};

/** Runs containers from folders, without an engine. */
export const runcProgram: Program = { command: "runc", debianPackage: "runc", elsewhere: "Linux only" };
export const ipProgram: Program = { command: "ip", debianPackage: "iproute2", elsewhere: "Linux only" };

/** Returns the path of the program. Installs its Debian package if needed, and throws where that is not possible. */
export async function requireProgram({ command, debianPackage, elsewhere }: Program): Promise<string> {
  const found = findProgram(command);
  if (found !== undefined) return found;
  print(`Installing ${debianPackage} …`);
  await installDebianPackage(debianPackage);
  const installed = findProgram(command);
  if (installed !== undefined) return installed;
  throw new Error(`This needs ${command}: install ${debianPackage} (${elsewhere}).`);
}
