import { readFileSync } from "node:fs";
import { join } from "node:path";
import { bytesOf, type Entry } from "../../compose-file.ts";
import { root } from "../../paths.ts";

/** Configuration of an image, as OCI describes it. */
export interface ImageConfig {
  User?: string;
  Env?: string[];
  Entrypoint?: string[];
  Cmd?: string[];
  WorkingDir?: string;
}

export interface ContainerParts {
  entry: Entry;
  image: ImageConfig;
  /** Folder of the image's file system. */
  rootfs: string;
  user: { uid: number; gid: number };
  hostname: string;
  /** Path of the container's network namespace. */
  network: string;
  /** Files and folders of this machine by their path in the container. */
  binds: { source: string; destination: string; isReadOnly: boolean }[];
}

/** Capabilities that Docker gives to containers that drop none. */
const defaultCapabilities = [
  "CHOWN",
  "DAC_OVERRIDE",
  "FSETID",
  "FOWNER",
  "MKNOD",
  "NET_RAW",
  "SETGID",
  "SETUID",
  "SETFCAP",
  "SETPCAP",
  "NET_BIND_SERVICE",
  "SYS_CHROOT",
  "KILL",
  "AUDIT_WRITE",
].map((name) => `CAP_${name}`);

const fixedMounts = [
  { destination: "/proc", type: "proc", source: "proc" },
  {
    destination: "/dev",
    type: "tmpfs",
    source: "tmpfs",
    options: ["nosuid", "strictatime", "mode=755", "size=65536k"],
  },
  { destination: "/dev/pts", type: "devpts", source: "devpts", options: ["nosuid", "noexec", "newinstance"] },
  { destination: "/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"] },
  { destination: "/sys/fs/cgroup", type: "cgroup", source: "cgroup", options: ["nosuid", "noexec", "nodev", "ro"] },
];

/** The arguments that Docker would run: an entry replaces the image's command, and keeps its entrypoint. */
export const argumentsOf = (entry: Entry, image: ImageConfig): string[] => [
  ...(image.Entrypoint ?? []),
  ...(entry.command ?? image.Cmd ?? []),
];

/** Translates an entry of docker-compose.yml and its image to the `config.json` of an OCI runtime. */
export function containerConfig({ entry, image, rootfs, user, hostname, network, binds }: ContainerParts): object {
  const capabilities = entry.cap_drop?.includes("ALL") ? [] : defaultCapabilities;
  const environment = Object.entries(entry.environment ?? {}).map(([name, value]) => `${name}=${value}`);
  return {
    ociVersion: "1.0.2",
    hostname,
    root: { path: rootfs, readonly: entry.read_only === true },
    process: {
      terminal: false,
      user,
      args: argumentsOf(entry, image),
      env: [...(image.Env ?? []), ...environment],
      cwd: image.WorkingDir || "/",
      noNewPrivileges: entry.security_opt?.includes("no-new-privileges:true") === true,
      capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities },
    },
    mounts: [
      ...fixedMounts,
      tmpfs("/dev/shm", entry.shm_size ?? "64m"),
      ...(entry.tmpfs ?? []).map((mount) => tmpfs(mount.split(":")[0] ?? "", /size=(\w+)/.exec(mount)?.[1] ?? "64m")),
      ...binds.map(({ source, destination, isReadOnly }) => ({
        ...{ source, destination, type: "bind" },
        options: ["rbind", isReadOnly ? "ro" : "rw"],
      })),
    ],
    linux: {
      namespaces: [...["pid", "ipc", "uts", "mount"].map((type) => ({ type })), { type: "network", path: network }],
      ...seccompOf(entry),
      resources: { memory: { limit: bytesOf(entry.mem_limit) } },
      maskedPaths: ["/proc/kcore", "/proc/keys", "/proc/timer_list", "/sys/firmware"],
      readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"],
    },
  };
}

/** The filter of system calls that the entry names. Docker's own one, which applies otherwise, is not available here. */
function seccompOf(entry: Entry): { seccomp?: object } {
  const file = entry.security_opt?.find((option) => option.startsWith("seccomp="))?.slice("seccomp=".length);
  return file === undefined ? {} : { seccomp: JSON.parse(readFileSync(join(root, file), "utf8")) };
}

const tmpfs = (destination: string, size: string) => ({
  ...{ destination, type: "tmpfs", source: "tmpfs" },
  options: ["nosuid", "nodev", "mode=1777", `size=${bytesOf(size)}`],
});
