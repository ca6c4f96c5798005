import { Store } from "../lib/store.ts";

const workerFile = "/service-worker.js";
const updateEveryMs = 3_600_000;

/** The service worker of a newer release, which waits until the user wants it. */
export const newRelease = new Store<ServiceWorker | undefined>(undefined);

/** Installs the service worker, which keeps the shell for visits without a connection and shows push notices. */
export async function installServiceWorker(): Promise<void> {
  const container = globalThis.navigator?.serviceWorker as ServiceWorkerContainer | undefined;
  if (!container) return; // pages without HTTPS
  const registration = await container.register(workerFile, { updateViaCache: "none" });
  const note = () => {
    // Without a controller it is the first installation, not a newer release.
    if (registration.waiting && container.controller) newRelease.set(registration.waiting);
  };
  note();
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", note));
  setInterval(() => void registration.update().catch(() => undefined), updateEveryMs);
}

/** Activates the newer release and reloads this page. Other tabs keep theirs until they are reloaded. */
export function startNewRelease(worker: ServiceWorker): void {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  worker.postMessage("activate");
}
