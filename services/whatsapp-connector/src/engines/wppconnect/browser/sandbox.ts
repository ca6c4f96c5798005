import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { Logger } from "@syszap/platform";
import type { SandboxSetting } from "../options.ts";

/** How to start Chromium: a command that it is appended to, and its flags. */
export interface Sandbox {
  command: readonly string[];
  flags: readonly string[];
}

const withoutSandbox: Sandbox = { command: [], flags: ["--no-sandbox"] };

/**
 * Starts a program in a user namespace of its own, under an id that is not root. It keeps its rights to files, but may not read the
 * memory, environment or open files of processes outside, which run under the same user. Chromium refuses its sandbox to root.
 */
const namespaceCommand = ["/usr/bin/unshare", "--user", "--map-user=1000", "--map-group=1000", "--"];
const insideNamespace: Sandbox = { command: namespaceCommand, flags: [] };
/** What Chromium's sandbox needs: further namespaces inside, and an empty root folder. */
const probe = [
  ...namespaceCommand,
  "/usr/bin/unshare",
  "--map-root-user",
  "--pid",
  "--net",
  "--fork",
  "--root=/",
  "true",
];

/** Whether the kernel, and the container around this process, allow nested user namespaces. */
async function isAvailable(): Promise<boolean> {
  const [command = "", ...args] = probe;
  return promisify(execFile)(command, args, { timeout: 10_000 }).then(
    () => true,
    () => false,
  );
}

/** Chooses, and logs the choice. Rejects if the sandbox is required and not available. */
export async function chooseSandbox(
  setting: SandboxSetting,
  log: Logger,
  available: () => Promise<boolean> = isAvailable,
): Promise<Sandbox> {
  if (setting === "off") {
    log.warn({ sandbox: false }, "Chromium runs without its sandbox, as CHROMIUM_SANDBOX says");
    return withoutSandbox;
  }
  if (await available()) {
    log.info({ sandbox: true }, "Chromium runs in its sandbox, and in a user namespace apart from the connector");
    return insideNamespace;
  }
  if (setting === "required")
    throw new Error("CHROMIUM_SANDBOX requires Chromium's sandbox, but user namespaces are not available here");
  log.warn(
    { sandbox: false },
    "Chromium runs without its sandbox and under the user of the connector, because user namespaces are not available here (docs/security.md)",
  );
  return withoutSandbox;
}
