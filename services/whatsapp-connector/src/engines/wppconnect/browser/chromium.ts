import { accessSync, constants } from "node:fs";
import { readdir, readFile, readlink, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createPrivateDirectory, type Logger } from "@syszap/platform";
import type { Browser, Page } from "puppeteer-core";
import type { SandboxSetting } from "../options.ts";
import { chooseSandbox } from "./sandbox.ts";

const usualPaths = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const flags = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Suggestions of the address bar: a page that nobody sees, which would be loaded twice for each session.
  "--disable-features=WebUIOmniboxPopup,WebUIOmniboxAimPopup",
];
const closeTimeoutMs = 5_000;
const groupEndTimeoutMs = 5_000;

/** The message tells the operator what to install. */
export class ChromiumMissingError extends Error {
  override readonly name = "ChromiumMissingError";
}

/** Returns the path of the configured browser, or of one at a usual path. */
export function findChromium(configured: string | undefined): string {
  const paths = configured === undefined ? usualPaths : [configured];
  const found = paths.find(isExecutable);
  if (found !== undefined) return found;
  throw new ChromiumMissingError(
    configured === undefined
      ? "no Chromium found: install it (Debian: apt-get install chromium) or set CHROMIUM_PATH"
      : "there is no browser at CHROMIUM_PATH: install Chromium (Debian: apt-get install chromium) or correct the path",
  );
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Makes only the stand-in reachable: every other request fails. */
const standInFlags = (address: string) => [
  `--host-resolver-rules=MAP web.whatsapp.com ${address},MAP * ~NOTFOUND,EXCLUDE 127.0.0.1`,
  "--ignore-certificate-errors",
];

/**
 * Sends everything through the local forwarder of the session's proxy, also requests to this machine. Names are not resolved here, and
 * WebRTC opens no direct connections.
 */
const proxyFlags = (port: number) => [
  `--proxy-server=http://127.0.0.1:${port}`,
  "--proxy-bypass-list=<-loopback>",
  "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
  "--dns-prefetch-disable",
];

/** One Chromium on one profile. It has its own process group, and ends with this process, since its pipe closes. */
export class Chromium {
  /** Resolves when the browser has ended for any reason. Puppeteer's page events do not report this. */
  readonly gone: Promise<void>;

  private constructor(
    readonly browser: Browser,
    private currentPage: Page,
  ) {
    this.gone = new Promise((resolve) => browser.once("disconnected", () => resolve()));
  }

  static async launch(
    options: {
      executablePath: string;
      userDataDir: string;
      sandbox?: SandboxSetting | undefined;
      standIn: string | undefined;
      /** Port of the forwarder of the session's proxy. */
      proxyPort?: number | undefined;
    },
    log: Logger,
  ): Promise<Chromium> {
    const { executablePath, userDataDir, standIn, proxyPort } = options;
    await createPrivateDirectory(userDataDir);
    await clearLeftovers(userDataDir, log);
    const sandbox = await chooseSandbox(options.sandbox ?? "auto", log);
    const { defaultArgs, launch } = await import("puppeteer-core");
    const args = [
      ...flags,
      ...sandbox.flags,
      ...(standIn === undefined ? [] : standInFlags(standIn)),
      ...(proxyPort === undefined ? [] : proxyFlags(proxyPort)),
    ];
    const [command = executablePath, ...words] = [...sandbox.command, executablePath];
    const browser = await launch({
      executablePath: command,
      args: [...words, ...defaultArgs({ headless: true, userDataDir, args })],
      ignoreDefaultArgs: true, // they are added above, behind the path of Chromium
      pipe: true,
      defaultViewport: { width: 1280, height: 800 },
      protocolTimeout: 120_000,
      timeout: 60_000,
      handleSIGINT: false, // puppeteer's handlers would kill the browser at once; the connector closes it instead
      handleSIGTERM: false,
      handleSIGHUP: false,
    });
    // Otherwise a pipe that breaks while Chromium ends is an uncaught ECONNRESET, which ends the process. Puppeteer's own
    // listeners on the pipe would throw the error again.
    for (const stream of browser.process()?.stdio ?? []) stream?.removeAllListeners("error").on("error", () => {});
    try {
      return new Chromium(browser, (await browser.pages())[0] ?? (await browser.newPage()));
    } catch (err) {
      await endGroup(browser.process()?.pid);
      throw err;
    }
  }

  get page(): Page {
    return this.currentPage;
  }

  /** Replaces the page by a new one without the hooks and listeners of the old one. */
  async freshPage(): Promise<Page> {
    const old = this.currentPage;
    this.currentPage = await this.browser.newPage();
    await old.close();
    return this.currentPage;
  }

  /** Calls `onBytes` for each piece that the page receives from the network. Traffic of its workers is not reported. */
  async watchBytes(onBytes: () => void): Promise<() => void> {
    const session = await this.page.createCDPSession();
    session.on("Network.dataReceived", onBytes);
    await session.send("Network.enable", { maxTotalBufferSize: 0, maxResourceBufferSize: 0 });
    return () => void session.detach().catch(() => undefined); // the page may be closed already
  }

  /** Closes the browser normally so that the profile is saved, then kills what is left of the process group. */
  async close(): Promise<void> {
    const child = this.browser.process();
    const isAlive = child?.exitCode === null && child.signalCode === null;
    const exited = isAlive ? new Promise((resolve) => child.once("exit", resolve)) : undefined;
    await Promise.race([this.browser.close().catch(() => {}), delay(closeTimeoutMs, undefined, { ref: false })]);
    await endGroup(child?.pid);
    await exited;
    this.page.removeAllListeners();
  }
}

/** Kills the group and waits for its end, so that the next browser does not find the profile in use. */
async function endGroup(leader: number | undefined): Promise<void> {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    return; // the group has ended already
  }
  for (let waitedMs = 0; waitedMs < groupEndTimeoutMs && (await isGroupRunning(leader)); waitedMs += 20)
    await delay(20);
}

/** Zombies stay in the group until they are reaped, but do not run. */
async function isGroupRunning(leader: number): Promise<boolean> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const states = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")));
  return states.some((stat) => {
    // "pid (name) state parent group …"; the name may contain any character
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return group === String(leader) && state !== "Z" && state !== "X";
  });
}

/** Kills a browser that an earlier owner of the profile left behind, and removes its locks. */
async function clearLeftovers(userDataDir: string, log: Logger): Promise<void> {
  const lock = await readlink(join(userDataDir, "SingletonLock")).catch(() => undefined);
  if (lock === undefined) return;
  const at = lock.lastIndexOf("-");
  const pid = Number(lock.slice(at + 1));
  if (lock.slice(0, at) === hostname() && (await isBrowserOf(userDataDir, pid))) {
    log.warn({ pid }, "killing a browser that an earlier run left on the profile");
    await endGroup(pid);
  }
  for (const name of ["SingletonLock", "SingletonCookie", "SingletonSocket"]) {
    await rm(join(userDataDir, name), { force: true });
  }
}

async function isBrowserOf(userDataDir: string, pid: number): Promise<boolean> {
  if (!Number.isInteger(pid) || pid <= 1) return false;
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  return commandLine.includes(`--user-data-dir=${userDataDir}`);
}
