import { type RouteDefinition, routes } from "@syszap/contracts";
import { missingMetrics } from "@syszap/testing";
import type { Express } from "express";
import { expect } from "vitest";
import { newUser, test } from "../support/api-test.ts";

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

test("mounts every documented endpoint and no other", async ({ api }) => {
  const { stack } = (api.app as Express & { router: { stack: Layer[] } }).router;
  const documented = Object.values<RouteDefinition>(routes).map(({ method, path }) => `${method} ${path}`);
  expect(mountedIn(stack).sort()).toEqual(documented.sort());
});

test("answers an unknown path with a problem that refers to the documentation", async ({ api }) => {
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

test("answers an unsupported method with the supported ones", async ({ api }) => {
  const { body } = await api.request.put("/v1/sessions").send({}).expect(405).expect("Allow", "GET, POST");
  expect(body.detail).toBe("This path supports only GET, POST.");
});

test("sends security headers and disables caching", async ({ api }) => {
  await api.request
    .get("/v1/me")
    .expect("X-Content-Type-Options", "nosniff")
    .expect("Content-Security-Policy", "default-src 'none';frame-ancestors 'none'")
    .expect("Cache-Control", "no-store")
    .expect((res) => expect(res.headers).not.toHaveProperty("x-powered-by"));
});

test("serves health and metrics on the same port", async ({ api }) => {
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

test("names each request in its answer and in its log lines, and keeps a valid name of the caller", async ({ api }) => {
  const user = await newUser(api);
  api.publisher.headPosition = () => Promise.reject(new Error("broken"));
  const fail = (headers: Record<string, string>) =>
    api.request
      .post("/v1/realtime/ticket")
      .set({ ...user.bearer, ...headers })
      .expect(500);
  const kept = await fail({ "X-Request-Id": "Root=1-67891233-abcdef012345678912345678" });
  const created = await fail({ "X-Request-Id": "two words" });
  const other = await fail({});
  const names = [kept, created, other].map(({ headers }) => headers["x-request-id"]);
  expect(names).toEqual([
    "Root=1-67891233-abcdef012345678912345678",
    expect.stringMatching(/^[0-9a-f-]{36}$/),
    expect.stringMatching(/^[0-9a-f-]{36}$/),
  ]);
  expect(new Set(names).size).toBe(3);
  const failures = api.logged.filter(({ msg }) => msg === "request failed");
  expect(failures.map(({ requestId }) => requestId)).toEqual(names);
});
