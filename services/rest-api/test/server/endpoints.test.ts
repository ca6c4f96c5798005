import { type RouteDefinition, routes } from "@syszap/contracts";
import { missingMetrics } from "@syszap/testing";
import type { Express } from "express";
import { expect } from "vitest";
import { test } from "../support/api-test.ts";

interface Layer {
  route?: { path: string; methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
}
const mountedIn = (stack: Layer[]): string[] =>
  stack.flatMap(({ route, handle }) =>
    route
      ? Object.keys(route.methods)
          .filter((method) => method !== "_all")
          .map((method) => `${method} ${route.path}`)
      : mountedIn(handle.stack ?? []),
  );

test("every documented endpoint is mounted, and no other", async ({ api }) => {
  const { stack } = (api.app as Express & { router: { stack: Layer[] } }).router;
  const documented = Object.values<RouteDefinition>(routes).map(({ method, path }) => `${method} ${path}`);
  expect(mountedIn(stack).sort()).toEqual(documented.sort());
});

test("an unknown path is a problem that says where to look", async ({ api }) => {
  const { body } = await api.request
    .get("/v1/nothing")
    .expect(404)
    .expect("Content-Type", /application\/problem\+json/);
  expect(body).toEqual({
    type: "/problems/not-found",
    status: 404,
    title: "Not found",
    detail: expect.stringContaining("openapi.yaml"),
  });
});

test("a method that the path does not know is answered with those it knows", async ({ api }) => {
  const { body } = await api.request.put("/v1/sessions").send({}).expect(405).expect("Allow", "GET, POST");
  expect(body.detail).toBe("This path answers to GET, POST only.");
});

test("answers carry security headers and are stored nowhere", async ({ api }) => {
  await api.request
    .get("/v1/me")
    .expect("X-Content-Type-Options", "nosniff")
    .expect("Content-Security-Policy", "default-src 'none';frame-ancestors 'none'")
    .expect("Cache-Control", "no-store")
    .expect((res) => expect(res.headers).not.toHaveProperty("x-powered-by"));
});

test("health and metrics are on the same port", async ({ api }) => {
  await api.request.get("/health/live").expect(200, { status: "ok" });
  await api.request.get("/health/ready").expect(200, { status: "ok", checks: { database: "ok" } });
  await api.request.get("/v1/nothing");
  const { text } = await api.request
    .get("/metrics")
    .expect(200)
    .expect("Content-Type", /text\/plain/);
  expect(text).toContain(
    'syszap_http_request_seconds_count{service="rest-api",operation="getReadiness",status="200"} 1',
  );
  expect(text).toContain('operation="none",status="404"');
  expect(missingMetrics("rest-api", text)).toEqual([]);
});
