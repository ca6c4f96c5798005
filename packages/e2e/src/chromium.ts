import { type Browser, chromium } from "playwright-core";

/**
 * Chromium draws the suggestions of the address bar as a page. It loads that page twice for each window, which costs more than the start
 * of the browser.
 */
const suggestions = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup"];
/** What playwright switches off. Repeated here, because Chromium reads only the last list of features. */
const ofPlaywright = [
  "AimEnabled",
  "AvoidCorsURLLoaderRestartOnRedirect",
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "HttpsFirstBalancedModeAutoEnable",
  "HttpsUpgrades",
  "LensOverlay",
  "MediaRouter",
  "NetworkTimeServiceQuerying",
  "OptimizationHints",
  "PaintHolding",
  "PreconnectToSearch",
  "ThirdPartyStoragePartitioning",
];

/** Starts the installed Chromium with additional arguments. */
export const launchChromium = (...args: string[]): Promise<Browser> =>
  chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
    args: [
      "--no-sandbox", // Chromium refuses to run as root otherwise
      "--disable-dev-shm-usage", // /dev/shm is small in containers
      `--disable-features=${[...ofPlaywright, ...suggestions].join(",")}`,
      ...args,
    ],
  });
