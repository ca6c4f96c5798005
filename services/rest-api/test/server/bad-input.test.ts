import { problemTypes } from "@syszap/contracts";
import { expect } from "vitest";
import { newInbox, newUser, test } from "../support/api-test.ts";

test("rejects a body that is not valid JSON", async ({ api }) => {
  const { bearer } = await newUser(api);
  for (const body of ["{", "nonsense", '{"name":}', "\u0000", "[1,2", '"only a string"']) {
    const post = api.request.post("/v1/sessions").set(bearer).type("json").send(body);
    const res = await post.expect(400).expect("Content-Type", /application\/problem\+json/);
    expect(res.body).toEqual({
      ...problemTypes.malformed,
      detail: "The body is not valid JSON. Look for a missing quote, comma or bracket.",
    });
  }
});

test("rejects a body of another media type or encoding", async ({ api }) => {
  const { bearer } = await newUser(api);
  const post = () => api.request.post("/v1/sessions").set(bearer);
  await post().type("form").send("name=Vendas").expect(415);
  await post().type("text/plain").send('{"name":"Vendas"}').expect(415);
  await post().set("Content-Encoding", "unknown").type("json").send("{}").expect(415);
  await post().type("application/json; charset=latin1").send("{}").expect(415);
});

test("rejects a body that is not UTF-8 instead of replacing its characters", async ({ api }) => {
  const user = await newUser(api);
  const { chat } = await newInbox(api, user.companyId);
  const post = () => api.request.post(`/v1/chats/${chat.id}/messages`).set(user.bearer);
  const invalid = ["ff", "c328", "eda080", "f8888080", "c0af", "e28228"];
  for (const bytes of invalid) {
    const json = Buffer.concat([Buffer.from('{"body":"'), Buffer.from(bytes, "hex"), Buffer.from('"}')]);
    const request = post().type("json");
    request.write(json);
    const { body } = await request.expect(400);
    expect(body.detail).toBe("The body is not valid UTF-8. Encode the text as UTF-8 before sending it.");
  }
  const utf16 = post().set("Content-Type", "application/json; charset=utf-16le");
  utf16.write(Buffer.from('{"body":"Bom dia"}', "utf16le"));
  await utf16.expect(415);
  await post().set("Content-Encoding", "gzip").type("json").send("{}").expect(415);
  await post().type("json").send('{"body":"não 😀"}').expect(202);
});

test("reports all invalid fields of a request at once", async ({ api }) => {
  const { bearer } = await newUser(api);
  const { body } = await api.request.post("/v1/sessions").set(bearer).send({ name: "", engine: "pigeon" }).expect(422);
  expect(body).toMatchObject({
    ...problemTypes.invalid,
    detail: "Correct the fields listed in `errors` and try again.",
  });
  expect(body.errors.map(({ path }: { path: string }) => path)).toEqual(["name", "engine"]);
});

test("rejects a body that is missing or not an object", async ({ api }) => {
  const { bearer } = await newUser(api);
  for (const body of [[], ["name"], [[[]]]]) await api.request.post("/v1/sessions").set(bearer).send(body).expect(422);
  const { body } = await api.request.post("/v1/sessions").set(bearer).expect(422);
  expect(body.errors[0].path).toBe("body");
});

test("ignores unknown fields, also those that target prototypes", async ({ api }) => {
  const { bearer, companyId } = await newUser(api);
  const text = '{"name":"Vendas","later":1,"__proto__":{"engine":"pigeon"},"constructor":{"prototype":{"a":1}}}';
  const { body } = await api.request.post("/v1/sessions").set(bearer).type("json").send(text).expect(201);
  expect(body).toMatchObject({ name: "Vendas", engine: "simulator" });
  expect({}).not.toHaveProperty("a");
  expect(companyId).toBeDefined();
});

test("answers a malformed id like an unknown one", async ({ api }) => {
  const { bearer } = await newUser(api);
  for (const id of [
    "1",
    "null",
    "..%2f..",
    "%00",
    "' or 1=1 --",
    "11111111-1111-1111-1111-111111111111",
    "a".repeat(5_000),
  ]) {
    const { body } = await api.request.get(`/v1/chats/${id}`).set(bearer).expect(404);
    expect(body.type).toBe("/problems/not-found");
  }
  await api.request.get("/v1/chats/%E0%A4%A").set(bearer).expect(400);
});

test("rejects invalid page keys and page sizes", async ({ api }) => {
  const user = await newUser(api);
  const { chat } = await newInbox(api, user.companyId);
  for (const path of ["/v1/clients", "/v1/chats", `/v1/chats/${chat.id}/messages`])
    for (const query of [
      "before=x",
      "before=1_2",
      "limit=0",
      "limit=101",
      "limit=a",
      "limit=1&limit=2",
      "before=%00",
    ]) {
      const { body } = await api.request.get(`${path}?${query}`).set(user.bearer).expect(422);
      expect(body.errors[0].path).toBe(query.split("=")[0]);
    }
  for (const query of ["search=%00", "search=a&search=b", `search=${"a".repeat(101)}`])
    await api.request.get(`/v1/clients?${query}`).set(user.bearer).expect(422);
});

test("answers an internal error with 500, logs it once and reveals no details", async ({ api }) => {
  const user = await newUser(api);
  const { companyId } = user;
  const file = await api.media.put(Buffer.from("x"), { companyId, mimeType: "image/png", fileName: null });
  const id = await api.database.withCompany(companyId, ({ media }) => media.add(file));
  api.media.open = () => Promise.reject(new Error("EIO: /var/lib/secret"));
  const { body } = await api.request.get(`/v1/media/${id}`).set(user.bearer).expect(500);
  expect(body).toEqual({
    ...problemTypes.internal,
    detail: "The error was logged. Try again, and contact support if it happens again.",
  });
  expect(api.logged.filter(({ msg }) => msg === "request failed")).toMatchObject([
    { level: 50, method: "GET", path: `/v1/media/${id}`, err: { message: "EIO: /var/lib/secret" } },
  ]);
});

test("is alive but not ready without a database", async ({ api }) => {
  await api.database.close();
  const { body } = await api.request.get("/health/ready").expect(503);
  expect(body).toMatchObject({ status: "unavailable", checks: { database: expect.any(String) } });
  await api.request.get("/health/live").expect(200);
});
