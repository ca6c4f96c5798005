import type { Logger } from "@syszap/platform";
import type { CreateOptions, Whatsapp } from "@wppconnect-team/wppconnect";
import type { Browser, Page } from "puppeteer-core";
import { withoutNumbers } from "../without-numbers.ts";

type Library = typeof import("@wppconnect-team/wppconnect");
let loading: Promise<Library> | undefined;

/** Loads the library on first use, since it is large and changes the process. Connectors without this engine never load it. */
function loadLibrary(): Promise<Library> {
  loading ??= importLibrary();
  return loading;
}

/** Removes the handler of unhandled rejections that the library's import adds: it would print and ignore all of them. */
async function importLibrary(): Promise<Library> {
  const before = new Set(process.listeners("unhandledRejection"));
  const library = await import("@wppconnect-team/wppconnect");
  for (const listener of process.listeners("unhandledRejection")) {
    if (!before.has(listener)) process.off("unhandledRejection", listener);
  }
  library.defaultLogger.silent = true;
  return library;
}

const levels: Record<string, "warn" | "info" | "debug"> = { error: "warn", warn: "warn" };
/** Implements the part of winston's logger that the library calls. Errors become warnings, since the engine handles them. */
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
  /** The login or the connection changed. The new state must be read from the page. */
  onChange(): void;
}

/**
 * Attaches the library to a page. Rejects if WhatsApp Web can't be loaded; the caller still closes the browser.
 * Every option is set, in new objects: the library's defaults close pages, print the QR code, query the npm registry, load an
 * old version of the page, and are shared between sessions.
 */
export async function attachLibrary(
  session: string,
  target: { browser: Browser; page: Page },
  log: Logger,
  callbacks: LibraryCallbacks,
): Promise<Whatsapp> {
  const library = await loadLibrary();
  const creating = library.create({
    session,
    browser: target.browser as never, // the library's puppeteer is the same release under another package name
    page: target.page as never,
    waitForLogin: false, // its promise rejects after a successful login if the page reloads right after pairing
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
  // The library would close the browser when no page is left; in a browser that is closing this rejects unhandled.
  target.browser.removeAllListeners("targetdestroyed" as never);
  const client = await creating;
  client.onStateChange(() => callbacks.onChange());
  return client;
}

/** Ends the library's timers, which reference the page. The library stops them only at the page's `close` event. */
export function releaseLibrary(page: Page): void {
  page.emit("close" as never, undefined as never);
}
