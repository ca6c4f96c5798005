import { problemTypes } from "@syszap/contracts";
import { expect } from "vitest";
import { newInbox, newPerson, test } from "../support/api-test.ts";

test("a body that is no JSON is told to be none, whatever it is", async ({ api }) => {
  const { bearer } = await newPerson(api);
  for (const body of ["{", "nonsense", '{"name":}', "\u0000", "[1,2", '"only a string"']) {
    const post = api.request.post("/v1/sessions").set(bearer).type("json").send(body);
    const res = await post.expect(400).expect("Content-Type", /application\/problem\+json/);
    expect(res.body).toEqual({
      ...problemTypes.malformed,
      detail: "The body is not valid JSON. Look for a missing quote, comma or bracket.",
    });
  }
});

test("a body of another type, or in a strange encoding, is refused as such", async ({ api }) => {
  const { bearer } = await newPerson(api);
  const post = () => api.request.post("/v1/sessions").set(bearer);
  await post().type("form").send("name=Vendas").expect(415);
  await post().type("text/plain").send('{"name":"Vendas"}').expect(415);
  await post().set("Content-Encoding", "unknown").type("json").send("{}").expect(415);
  await post().type("application/json; charset=latin1").send("{}").expect(415);
});

test("all faults of a request are named at once", async ({ api }) => {
  const { bearer } = await newPerson(api);
  const { body } = await api.request.post("/v1/sessions").set(bearer).send({ name: "", engine: "pigeon" }).expect(422);
  expect(body).toMatchObject({
    ...problemTypes.invalid,
    detail: "Correct the fields named in `errors` and send it again.",
  });
  expect(body.errors.map(({ path }: { path: string }) => path)).toEqual(["name", "engine"]);
});

test("a body that is no object, or missing, is refused", async ({ api }) => {
  const { bearer } = await newPerson(api);
  for (const body of [[], ["name"], [[[]]]]) await api.request.post("/v1/sessions").set(bearer).send(body).expect(422);
  const { body } = await api.request.post("/v1/sessions").set(bearer).expect(422);
  expect(body.errors[0].path).toBe("body");
});

test("fields that nobody knows are ignored, also those that reach for prototypes", async ({ api }) => {
  const { bearer, companyId } = await newPerson(api);
  const text = '{"name":"Vendas","later":1,"__proto__":{"engine":"pigeon"},"constructor":{"prototype":{"a":1}}}';
  const { body } = await api.request.post("/v1/sessions").set(bearer).type("json").send(text).expect(201);
  expect(body).toMatchObject({ name: "Vendas", engine: "simulator" });
  expect({}).not.toHaveProperty("a");
  expect(companyId).toBeDefined();
});

test("an id that can't be one is as unknown as one that nobody has", async ({ api }) => {
  const { bearer } = await newPerson(api);
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

test("pages that no list gave out, and sizes that none has, are refused", async ({ api }) => {
  const person = await newPerson(api);
  const { chat } = await newInbox(api, person.companyId);
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
      const { body } = await api.request.get(`${path}?${query}`).set(person.bearer).expect(422);
      expect(body.errors[0].path).toBe(query.split("=")[0]);
    }
  for (const query of ["search=%00", "search=a&search=b", `search=${"a".repeat(101)}`])
    await api.request.get(`/v1/clients?${query}`).set(person.bearer).expect(422);
});

test("a fault of ours is a plain 500 that is logged once, and gives nothing away", async ({ api }) => {
  const person = await newPerson(api);
  const { companyId } = person;
  const file = await api.media.put(Buffer.from("x"), { companyId, mimeType: "image/png", fileName: null });
  const id = await api.database.withCompany(companyId, ({ media }) => media.add(file));
  api.media.open = () => Promise.reject(new Error("EIO: /var/lib/secret"));
  const { body } = await api.request.get(`/v1/media/${id}`).set(person.bearer).expect(500);
  expect(body).toEqual({
    ...problemTypes.internal,
    detail: "It was noted. Try again, and tell support if it persists.",
  });
  expect(api.logged.filter(({ msg }) => msg === "request failed")).toMatchObject([
    { level: 50, method: "GET", path: `/v1/media/${id}`, err: { message: "EIO: /var/lib/secret" } },
  ]);
});

test("without a database the process is alive, and not ready", async ({ api }) => {
  await api.database.close();
  const { body } = await api.request.get("/health/ready").expect(503);
  expect(body).toMatchObject({ status: "unavailable", checks: { database: expect.any(String) } });
  await api.request.get("/health/live").expect(200);
});
