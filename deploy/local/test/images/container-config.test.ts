import { expect, test } from "vitest";
import { composeVariables, composeWith } from "../../src/compose-file.ts";
import { argumentsOf, containerConfig } from "../../src/images/topology/container-config.ts";

const required = [...composeVariables()].filter(([, value]) => value === undefined);
const { services } = composeWith(Object.fromEntries(required.map(([name]) => [name, "x"])));
const image = { Env: ["PATH=/bin"], Entrypoint: ["tini", "--"], Cmd: ["node", "main.js"], WorkingDir: "/app" };

const configOf = (service: string) =>
  containerConfig({
    ...{ entry: services[service] ?? {}, image, rootfs: "/images/one", hostname: service, network: "/run/netns/one" },
    user: { uid: 1000, gid: 1000 },
    binds: [{ source: "/volumes/media", destination: "/data/media", isReadOnly: false }],
  }) as {
    process: { capabilities: Record<string, string[]>; env: string[]; noNewPrivileges: boolean; user: object };
    root: object;
    mounts: { destination: string; options?: string[] }[];
    linux: { resources: object; namespaces: object[]; seccomp?: { syscalls: { names: string[] }[] } };
  };

test("a service gets no capabilities, no new privileges, and only /tmp and its volumes to write to", () => {
  const { process, root, mounts, linux } = configOf("whatsapp-connector");
  expect(process.capabilities).toEqual({ bounding: [], effective: [], permitted: [] });
  expect(process).toMatchObject({ noNewPrivileges: true, user: { uid: 1000, gid: 1000 } });
  expect(root).toEqual({ path: "/images/one", readonly: true });
  const optionsOf = (path: string) => mounts.find(({ destination }) => destination === path)?.options;
  expect(optionsOf("/tmp")).toContain(`size=${512 * 2 ** 20}`);
  expect(optionsOf("/dev/shm")).toContain(`size=${2 ** 30}`);
  expect(optionsOf("/data/media")).toContain("rw");
  expect(linux.resources).toEqual({ memory: { limit: 4 * 2 ** 30 } });
  expect(linux.namespaces).toContainEqual({ type: "network", path: "/run/netns/one" });
});

test("the connector's filter of system calls leaves Chromium its sandbox, and refuses what would leave the container", () => {
  const names = configOf("whatsapp-connector").linux.seccomp?.syscalls.flatMap((each) => each.names) ?? [];
  for (const allowed of ["clone", "clone3", "unshare", "chroot", "seccomp"]) expect(names).not.toContain(allowed);
  for (const refused of ["mount", "setns", "bpf", "keyctl", "init_module"]) expect(names).toContain(refused);
  expect(configOf("rest-api").linux.seccomp).toBeUndefined();
});

test("an entry that drops no capabilities gets those that Docker gives", () => {
  const { process, root } = configOf("postgres");
  expect(process.capabilities.effective).toContain("CAP_CHOWN");
  expect(root).toMatchObject({ readonly: false });
});

test("the environment of the entry follows that of the image", () => {
  const { env } = configOf("rest-api").process;
  expect(env[0]).toBe("PATH=/bin");
  expect(env).toContain("HOST=0.0.0.0");
});

test("a command of the entry replaces the image's, and keeps its entrypoint", () => {
  expect(argumentsOf({}, image)).toEqual(["tini", "--", "node", "main.js"]);
  expect(argumentsOf({ command: ["node", "other.js"] }, image)).toEqual(["tini", "--", "node", "other.js"]);
});
