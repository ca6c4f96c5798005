import type { Logger } from "@syszap/platform";
import type { CreateOptions, Whatsapp } from "@wppconnect-team/wppconnect";
import type { Browser, Page } from "puppeteer-core";

type Library = typeof import("@wppconnect-team/wppconnect");
let loading: Promise<Library> | undefined;

/** Loaded when first needed: a connector with simulated phones only never pays for it, nor for what it does to the process. */
function loadLibrary(): Promise<Library> {
  loading ??= importAlone();
  return loading;
}
/** Its import registers a handler that swallows and prints every unhandled rejection of the process; ours must stay the only one. */
async function importAlone(): Promise<Library> {
  const before = new Set(process.listeners("unhandledRejection"));
  const library = await import("@wppconnect-team/wppconnect");
  for (const listener of process.listeners("unhandledRejection")) {
    if (!before.has(listener)) process.off("unhandledRejection", listener);
  }
  library.defaultLogger.silent = true;
  return library;
}

const levels: Record<string, "warn" | "info" | "debug"> = { error: "warn", warn: "warn" };
/** Numbers of people stand in some of the library's errors. */
const withoutNumbers = (text: string): string => text.replace(/\d{6,}/g, "…");

/** The part of winston's logger that the library calls. Its errors are our warnings: the engine heals or tells. */
function loggerFor(log: Logger): NonNullable<CreateOptions["logger"]> {
  const write = (level: string, message: unknown) => {
    const text = message instanceof Error ? message.message : String(message);
    log[levels[level] ?? "debug"]({ library: "wppconnect" }, withoutNumbers(text));
  };
  const logger = {
    log: (entry: { level: string; message: unknown }) => write(entry.level, entry.message),
    ...Object.fromEntries(
      ["error", "warn", "info", "http", "verbose", "debug"].map((level) => [
        level,
        (message: unknown) => write(level, message),
      ]),
    ),
  };
  return logger as unknown as NonNullable<CreateOptions["logger"]>;
}

export interface LibraryCallbacks {
  onQr(raw: string): void;
  /** Something about the login or the line changed; what, is to be looked up. */
  onChange(): void;
}

/**
 * Hands our own page to the library. Rejects when the page can't be loaded; what was opened stays ours to close.
 * Every option is said, in objects of our own: the library's defaults close pages by themselves, print the code, ask the
 * npm registry, serve an old page instead of WhatsApp's, and are shared between sessions.
 */
export async function attachLibrary(
  session: string,
  given: { browser: Browser; page: Page },
  log: Logger,
  callbacks: LibraryCallbacks,
): Promise<Whatsapp> {
  const library = await loadLibrary();
  const creating = library.create({
    session,
    browser: given.browser as never, // the library's puppeteer is the same release under another package name
    page: given.page as never,
    waitForLogin: false, // its promise rejects although the login succeeds, when the page reloads right after pairing
    autoClose: 0,
    deviceSyncTimeout: 0,
    logQR: false,
    updatesLog: false,
    disableWelcome: true,
    whatsappVersion: "",
    useChrome: false,
    headless: true,
    puppeteerOptions: {},
    browserArgs: [],
    disableGoogleAnalytics: true,
    logger: loggerFor(log),
    catchQR: (_image, _ascii, _attempt, raw) => {
      if (raw) callbacks.onQr(raw);
    },
    statusFind: () => {},
    onStreamModeChanged: () => callbacks.onChange(),
    onStreamInfoChanged: () => callbacks.onChange(),
  });
  // It closes the browser once no page is left, asking it in a way that rejects unhandled when it is dying.
  given.browser.removeAllListeners("targetdestroyed" as never);
  const client = await creating;
  client.onStateChange(() => callbacks.onChange());
  return client;
}

/** Ends the library's timers, which hold the page for ever: it only stops them when the page says that it closed. */
export function releaseLibrary(page: Page): void {
  page.emit("close" as never, undefined as never);
}
