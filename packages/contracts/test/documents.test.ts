import { readFile } from "node:fs/promises";
import { Parser } from "@asyncapi/parser";
import { compileErrors, validate } from "@readme/openapi-parser";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { documents } from "../generate/documents.ts";
import { catalog, eventTypes, jobSchemas, type RouteDefinition, routes } from "../src/index.ts";

const { "asyncapi.yaml": asyncApi = "", "openapi.yaml": openApi = "" } = documents();

test("the AsyncAPI document is valid", async () => {
  const { diagnostics } = await new Parser().parse(asyncApi);
  expect(diagnostics.filter(({ severity }) => severity === 0)).toEqual([]);
});

test("the AsyncAPI document has a valid example of every event", () => {
  const { messages } = parse(asyncApi).components;
  for (const type of eventTypes) {
    const [example] = messages[type].examples;
    expect(example.payload.type).toBe(type);
    expect(catalog[type].data.safeParse(example.payload.data).error).toBeUndefined();
    expect(Object.keys(example.payload).sort()).toEqual([...messages[type].payload.required].sort());
  }
  for (const name of Object.keys(jobSchemas)) expect(messages).toHaveProperty(`job_${name}`);
});

test("the OpenAPI document is valid", async () => {
  const result = await validate(parse(openApi));
  expect(result.valid ? "" : compileErrors(result)).toBe("");
});

test("the OpenAPI document contains every operation once", () => {
  const documented = Object.entries<object>(parse(openApi).paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method} ${path}`),
  );
  const expected = Object.values<RouteDefinition>(routes).map(
    ({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`,
  );
  expect(documented.sort()).toEqual(expected.sort());
});

test("the OpenAPI document lists the problem statuses of every operation", () => {
  const { paths } = parse(openApi);
  expect(Object.keys(paths["/v1/sessions"].post.responses)).toEqual(
    "201 400 401 403 413 415 422 429 500 503".split(" "),
  );
  expect(Object.keys(paths["/v1/chats/{id}"].get.responses)).toEqual("200 401 403 404 422 429 500 503".split(" "));
});

test("the committed documents are up to date", async () => {
  for (const [name, text] of Object.entries(documents()))
    expect(await readFile(new URL(`../../../docs/${name}`, import.meta.url), "utf8"), `docs/${name}`).toBe(text);
});

test("the documents are deterministic", () => {
  expect(documents()).toEqual(documents());
});
