import { join } from "node:path";
import type { EngineContext } from "../../contract/engine.ts";
import type { WppconnectOptions } from "../options.ts";
import { Chromium, findChromium } from "./chromium.ts";
import { ProxyForwarder } from "./proxy-forwarder.ts";

export interface OpenBrowser {
  chromium: Chromium;
  /** Present if the session has a proxy. */
  forwarder: ProxyForwarder | undefined;
}

/** Starts the browser of a session and, if it has a proxy, the forwarder that the browser uses. */
export async function openBrowser(
  { chromiumPath, sandbox, standIn, allowPrivateProxies: allowPrivate = false }: WppconnectOptions,
  { profileDirectory, proxy, log }: EngineContext,
): Promise<OpenBrowser> {
  const executablePath = findChromium(chromiumPath);
  const userDataDir = join(profileDirectory, "chromium");
  const forwarder = proxy && (await ProxyForwarder.start({ proxy, allowPrivate, log }));
  try {
    const chromium = await Chromium.launch(
      { executablePath, userDataDir, sandbox, standIn, proxyPort: forwarder?.port },
      log,
    );
    return { chromium, forwarder };
  } catch (err) {
    forwarder?.close();
    throw err;
  }
}
