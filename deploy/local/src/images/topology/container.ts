import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { chownSync, existsSync, mkdirSync, openSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";
import type { Entry } from "../../compose-file.ts";
import { root } from "../../paths.ts";
import { buildah } from "../buildah.ts";
import { type ContainerParts, containerConfig, type ImageConfig } from "./container-config.ts";
import type { Networks } from "./networks.ts";

const run = promisify(execFile);
const stopMs = 60_000;
const healthMs = 300_000;

export interface ContainerPlace {
  /** Unique on this machine. */
  id: string;
  service: string;
  networks: Networks;
  /** Folder for volumes, logs and configuration of the whole topology. */
  folder: string;
  /** Values of secrets by their name. */
  secrets: Record<string, string>;
}

/** One entry of docker-compose.yml that runs in an OCI runtime (runc), from the file system of its image. */
export class Container {
  /** Resolves with the exit code. */
  readonly ended: Promise<number>;

  private constructor(
    private readonly place: ContainerPlace,
    private readonly entry: Entry,
    private readonly working: string,
    private readonly child: ChildProcess,
  ) {
    this.ended = once(child, "exit").then(([code]) => Number(code ?? 1));
  }

  static async start(place: ContainerPlace, entry: Entry): Promise<Container> {
    const inspected = JSON.parse(await buildah("inspect", "--type", "image", entry.image ?? "")) as {
      OCIv1: { config: ImageConfig };
    };
    const image = inspected.OCIv1.config;
    const working = await buildah("from", "--pull-never", entry.image ?? "");
    const rootfs = await buildah("mount", working);
    const bundle = join(place.folder, "bundles", place.service);
    mkdirSync(bundle, { recursive: true });
    const parts: ContainerParts = {
      ...{ entry, image, rootfs, hostname: place.service },
      user: userOf(entry.user ?? image.User ?? "", rootfs),
      network: place.networks.pathOf(place.service),
      binds: bindsOf(place, entry, rootfs, bundle),
    };
    writeFileSync(join(bundle, "config.json"), JSON.stringify(containerConfig(parts)));
    const log = openSync(logOf(place), "w");
    const child = spawn("runc", ["run", "--bundle", bundle, place.id], { stdio: ["ignore", log, log], detached: true });
    return new Container(place, entry, working, child);
  }

  get log(): string {
    return readFileSync(logOf(this.place), "utf8");
  }

  /** Runs a command in the container, as its user. Rejects if it fails. */
  async run(...command: string[]): Promise<string> {
    const { stdout } = await run("runc", ["exec", this.place.id, ...command], { maxBuffer: 16 * 1024 * 1024 });
    return stdout;
  }

  /** Resolves when the health check of the entry passes. Rejects if the container ends before. */
  async healthy(): Promise<void> {
    const [kind = "CMD", ...test] = this.entry.healthcheck?.test ?? ["CMD", "true"];
    const command = kind === "CMD-SHELL" ? ["sh", "-c", ...test] : test;
    const timeout = AbortSignal.timeout(healthMs);
    while (!timeout.aborted && this.child.exitCode === null) {
      if (
        await this.run(...command).then(
          () => true,
          () => false,
        )
      )
        return;
      await delay(1_000);
    }
    throw new Error(`${this.place.service} does not become healthy. The end of its log:\n${this.log.slice(-2_000)}`);
  }

  /** Stops it as an engine does, and returns its exit code. */
  async stop(): Promise<number> {
    if (this.child.exitCode === null) {
      await run("runc", ["kill", this.place.id, "TERM"]).catch(() => undefined);
      const inTime = await Promise.race([this.ended.then(() => true), delay(stopMs, false, { ref: false })]);
      if (!inTime) await run("runc", ["kill", this.place.id, "KILL"]).catch(() => undefined);
    }
    const code = await this.ended;
    await run("runc", ["delete", "--force", this.place.id]).catch(() => undefined);
    await buildah("rm", this.working);
    return code;
  }
}

const logOf = ({ folder, service }: ContainerPlace) => join(folder, "logs", `${service}.log`);

/** Reads names from the image's own files, as an engine does. */
function userOf(user: string, rootfs: string): { uid: number; gid: number } {
  const [name = "", group] = user.split(":");
  if (name === "") return { uid: 0, gid: 0 };
  if (/^\d+$/.test(name)) return { uid: Number(name), gid: Number(group ?? 0) };
  const line = readFileSync(join(rootfs, "etc/passwd"), "utf8")
    .split("\n")
    .map((each) => each.split(":"))
    .find(([each]) => each === name);
  if (line === undefined) throw new Error(`The image has no user ${name}.`);
  return { uid: Number(line[2]), gid: Number(line[3]) };
}

function bindsOf(place: ContainerPlace, entry: Entry, rootfs: string, bundle: string): ContainerParts["binds"] {
  const written = (name: string, destination: string, text: string) => {
    const source = join(bundle, name);
    writeFileSync(source, text);
    return { source, destination, isReadOnly: true };
  };
  return [
    written("hosts", "/etc/hosts", place.networks.hostsOf(place.service)),
    written("resolv.conf", "/etc/resolv.conf", ""),
    ...(entry.secrets ?? []).map((name) => written(name, `/run/secrets/${name}`, place.secrets[name] ?? "")),
    ...(entry.volumes ?? []).map((volume) => {
      const [source = "", destination = "", mode] = volume.split(":");
      const path = source.startsWith(".") ? join(root, source) : createVolume(place, source, join(rootfs, destination));
      return { source: path, destination, isReadOnly: mode === "ro" };
    }),
  ];
}

/** A new volume gets the owner of the folder that it covers. */
function createVolume({ folder }: ContainerPlace, name: string, covered: string): string {
  const path = join(folder, "volumes", name);
  if (!existsSync(path)) {
    mkdirSync(path, { recursive: true });
    if (existsSync(covered)) chownSync(path, statSync(covered).uid, statSync(covered).gid);
  }
  return path;
}
