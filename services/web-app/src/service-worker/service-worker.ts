import { noticeOf, type PushPayload } from "./push-notice.ts";
import type { WorkerScope } from "./worker-scope.ts";

declare const self: WorkerScope;

/** Set by the build (`build/service-worker.ts`): the files of this release that the inbox needs, and a name of the release. */
declare const __SHELL__: { release: string; files: string[] };

const prefix = "shell-";
const cacheName = prefix + __SHELL__.release;
const page = "/index.html";
/** Data is never cached: these paths are left to the browser. */
const dataPaths = ["/v1", "/ws", "/health", "/.well-known/"];

self.addEventListener("install", (event) => event.waitUntil(fillCache()));
self.addEventListener("activate", (event) => event.waitUntil(removeOldCaches()));
self.addEventListener("message", ({ data }) => {
  // The user wants the new release now. Until then open pages keep the cached files of theirs.
  if (data === "activate") void self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (dataPaths.some((path) => url.pathname.startsWith(path))) return;
  if (request.mode === "navigate") event.respondWith(newestPage(request));
  else if (url.pathname.startsWith("/assets/")) event.respondWith(asset(request));
});

self.addEventListener("push", (event) => {
  if (event.data) event.waitUntil(showNotice(event.data.json() as PushPayload));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const { chatId } = event.notification.data as Pick<PushPayload, "chatId">;
  event.waitUntil(open(chatId ? `/messages/${chatId}` : "/messages"));
});

async function fillCache(): Promise<void> {
  const cache = await caches.open(cacheName);
  // Assets are immutable, so the copies that the page has just loaded may be used.
  await cache.addAll([new Request(page, { cache: "reload" }), ...__SHELL__.files]);
}

async function removeOldCaches(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(
    names.filter((name) => name.startsWith(prefix) && name !== cacheName).map((name) => caches.delete(name)),
  );
  await self.clients.claim();
}

/** The page from the network, or the cached one without a connection. */
async function newestPage(request: Request): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const cached = await caches.match(page, { cacheName });
    if (cached) return cached;
    throw error;
  }
}

async function asset(request: Request): Promise<Response> {
  const cached = await caches.match(request, { cacheName });
  if (cached) return cached;
  const response = await fetch(request);
  if (response.ok) await (await caches.open(cacheName)).put(request, response.clone());
  return response;
}

async function showNotice(payload: PushPayload): Promise<void> {
  const { title, ...options } = noticeOf(payload);
  await self.registration.showNotification(title, options);
  await self.navigator.setAppBadge?.();
}

/** Shows the path in an open page, or else opens one. */
async function open(path: string): Promise<void> {
  const windows = await self.clients.matchAll({ type: "window" });
  const opened = windows.find(({ url }) => !new URL(url).pathname.startsWith("/operator"));
  if (!opened) return void (await self.clients.openWindow(path));
  opened.postMessage({ open: path });
  await opened.focus();
}
