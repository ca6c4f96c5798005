import { accessSync, constants } from "node:fs";
import { mkdir, readdir, readFile, readlink, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@syszap/platform";
import type { Browser, Page } from "puppeteer-core";

const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome-stable",
  "/usr/bin/google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const closeMs = 5_000;
const groupEndMs = 5_000;

/** Says what to install, in words for the person who runs the connector. */
export class ChromiumMissingError extends Error {
  override readonly name = "ChromiumMissingError";
}

/** The configured browser, or one in the usual places. */
export function findChromium(configured: string | undefined): string {
  const places = configured === undefined ? usualPlaces : [configured];
  const found = places.find(isExecutable);
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

/** Only the stand-in is reachable: anything that would leave this machine shows as an error. */
const standInFlags = (address: string) => [
  `--host-resolver-rules=MAP web.whatsapp.com ${address},MAP * ~NOTFOUND,EXCLUDE 127.0.0.1`,
  "--ignore-certificate-errors",
];

/** One Chromium on one profile. It is a process group of its own and ends with us, because its pipe does. */
export class Chromium {
  /** Resolves when the browser is gone, by whatever hand: puppeteer's own page events never tell. */
  readonly gone: Promise<void>;

  private constructor(
    readonly browser: Browser,
    private currentPage: Page,
  ) {
    this.gone = new Promise((resolve) => browser.once("disconnected", () => resolve()));
  }

  static async launch(
    options: { executablePath: string; userDataDir: string; standIn: string | undefined },
    log: Logger,
  ): Promise<Chromium> {
    const { executablePath, userDataDir, standIn } = options;
    await mkdir(userDataDir, { recursive: true });
    await clearLeftovers(userDataDir, log);
    const { launch } = await import("puppeteer-core");
    const browser = await launch({
      executablePath,
      userDataDir,
      headless: true,
      pipe: true,
      defaultViewport: { width: 1280, height: 800 },
      protocolTimeout: 120_000,
      timeout: 60_000,
      handleSIGINT: false, // puppeteer's handlers would kill it at once; the connector stops in order
      handleSIGTERM: false,
      handleSIGHUP: false,
      args: [...flags, ...(standIn === undefined ? [] : standInFlags(standIn))],
    });
    // A pipe that breaks while Chromium ends would otherwise be an uncaught ECONNRESET and end the connector; puppeteer's
    // line readers on it hear that too, and throw it again.
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

  /** Opens one in place of the page that there was, with nothing left of what was done to that. */
  async freshPage(): Promise<Page> {
    const old = this.currentPage;
    this.currentPage = await this.browser.newPage();
    await old.close();
    return this.currentPage;
  }

  /** Calls back with every piece that the page itself receives over the network; not with what its workers do. */
  async watchBytes(received: () => void): Promise<() => void> {
    const line = await this.page.createCDPSession();
    line.on("Network.dataReceived", received);
    await line.send("Network.enable", { maxTotalBufferSize: 0, maxResourceBufferSize: 0 });
    return () => void line.detach().catch(() => undefined); // gone with its page
  }

  /** Closes in order so that the profile is written, then makes sure of the whole process group. */
  async close(): Promise<void> {
    const child = this.browser.process();
    const isAlive = child?.exitCode === null && child.signalCode === null;
    const exited = isAlive ? new Promise((resolve) => child.once("exit", resolve)) : undefined;
    await Promise.race([this.browser.close().catch(() => {}), delay(closeMs, undefined, { ref: false })]);
    await endGroup(child?.pid);
    await exited;
    this.page.removeAllListeners();
  }
}

/** Resolves once no process of the group runs any more: the next browser must not find the profile in use. */
async function endGroup(leader: number | undefined): Promise<void> {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    return; // the group is empty already
  }
  for (let waitedMs = 0; waitedMs < groupEndMs && (await isGroupRunning(leader)); waitedMs += 20) await delay(20);
}
/** Dead processes that nobody reaped stay in the group, but run no more. */
async function isGroupRunning(leader: number): Promise<boolean> {
  const pids = (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name));
  const states = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")));
  return states.some((stat) => {
    // "pid (name) state parent group …", where the name may hold anything
    const [state, , group] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return group === String(leader) && state !== "Z" && state !== "X";
  });
}

/** What an earlier owner of this profile left behind: its browser, if we died without it, and its locks. */
async function clearLeftovers(userDataDir: string, log: Logger): Promise<void> {
  const lock = await readlink(join(userDataDir, "SingletonLock")).catch(() => undefined);
  if (lock === undefined) return;
  const at = lock.lastIndexOf("-");
  const pid = Number(lock.slice(at + 1));
  if (lock.slice(0, at) === hostname() && (await isBrowserOf(userDataDir, pid))) {
    log.warn({ pid }, "ending a browser that was left on this profile");
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
