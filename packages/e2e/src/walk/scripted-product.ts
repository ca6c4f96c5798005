import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { extname, join } from "node:path";
import { type ControlFrame, type Me, type RouteDefinition, type RouteName, routes } from "@syszap/contracts";
import type { BrowserContext, Route } from "playwright-core";
import { checkout } from "../product.ts";
import { answersFor } from "./answers.ts";
import { ago, inMinutes } from "./seed/ids.ts";

/** Nothing listens at this origin: the requests of the pages are answered here. */
export const origin = "https://syszap.test";

const dist = join(checkout, "services/web-app/dist");
const headersFile = join(checkout, "deploy/front/page-headers.conf");
const mimeTypes: Record<string, string> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".webmanifest": "application/manifest+json",
  ".woff2": "font/woff2",
};
/** Served as if it were one of the page's files, so that the Content-Security-Policy allows it. */
const fontPath = "/assets/walk-font.woff2";
const fontFile = createRequire(import.meta.url).resolve(
  "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2",
);
const walkStyles = `
@font-face { font-family: "Walk"; src: url("${fontPath}"); font-weight: 100 900; }
:root, body, button, input, select, textarea { font-family: "Walk", sans-serif !important; }`;

/** Answers all requests of a browser profile: the built pages with their security headers, the seeded REST API and a silent gateway. */
export async function serveScriptedProduct(context: BrowserContext, me: Me): Promise<{ missing: string[] }> {
  const missing: string[] = [];
  const headers = await readHeaders();
  const respond = createApi(me, missing);
  await context.route("**/*", async (route) => {
    const url = new URL(route.request().url());
    if (url.origin !== origin) return route.abort();
    if (url.pathname.startsWith("/v1/")) return respond(route, url);
    return sendFile(route, url.pathname, headers);
  });
  await context.routeWebSocket(/\/ws/, (socket) => {
    const welcome: ControlFrame = {
      type: "welcome",
      data: {
        ...{ connectionId: "walk", cursor: "1.0000000000000001", recovered: true, afterMs: 0 },
        ...{ heartbeatMs: 600_000, expiresAt: inMinutes(600), timestamp: ago(0) },
      },
    };
    socket.send(JSON.stringify(welcome));
  });
  return { missing };
}

async function readHeaders(): Promise<Record<string, string>> {
  const lines = (await readFile(headersFile, "utf8")).matchAll(/^add_header ([\w-]+) "([^"]*)" always;$/gm);
  return Object.fromEntries([...lines].map(([, name = "", value = ""]) => [name, value]));
}

async function sendFile(route: Route, path: string, headers: Record<string, string>): Promise<void> {
  const isPage = extname(path) === "";
  const file = path === fontPath ? fontFile : join(dist, isPage ? "index.html" : path);
  const body = await readFile(file).catch(() => undefined);
  if (!body) return route.fulfill({ status: 404 });
  const contentType = mimeTypes[isPage ? ".html" : extname(path)] ?? "application/octet-stream";
  const isStyles = contentType === "text/css";
  await route.fulfill({ status: 200, headers, contentType, body: isStyles ? `${body}${walkStyles}` : body });
}

/** Each answer is checked by its schema: seeds that do not match the contracts fail the walk. */
function createApi(me: Me, missing: string[]) {
  const answers = answersFor(me);
  const endpoints = (Object.keys(routes) as RouteName[]).map((name) => {
    const { method, path, answer }: RouteDefinition = routes[name];
    const names = [...path.matchAll(/:(\w+)/g)].map(([, param = ""]) => param);
    return { name, method, answer, names, pattern: new RegExp(`^${path.replaceAll(/:\w+/g, "([^/]+)")}$`) };
  });
  return async (route: Route, url: URL): Promise<void> => {
    const method = route.request().method().toLowerCase();
    for (const { name, method: wanted, answer, names, pattern } of endpoints) {
      const match = wanted === method ? pattern.exec(url.pathname) : null;
      const respond = match && (answers[name] as ((request: object) => unknown) | undefined);
      if (!match || !respond) continue;
      const params = Object.fromEntries(names.map((param, index) => [param, match[index + 1]]));
      const parsed = answer.body?.safeParse(respond({ params, query: url.searchParams }));
      if (parsed && !parsed.success) {
        missing.push(`a valid answer of ${name}: ${parsed.error.message}`);
        return route.fulfill({ status: 500 });
      }
      return route.fulfill({ status: answer.status, json: parsed?.data });
    }
    missing.push(`${method} ${url.pathname}`);
    const problem = { type: "/problems/not-found", title: "Not found", status: 404 };
    return route.fulfill({ status: 404, contentType: "application/problem+json", json: problem });
  };
}
