import { randomUUID } from "node:crypto";
import { queues } from "@syszap/contracts";
import { Queue } from "bullmq";
import { expect } from "vitest";
import { type Api, newUser, test } from "../support/api-test.ts";
import { signInFirstOperator } from "../support/operator.ts";

const secret = "o segredo do João";

/** Records a dead letter like a worker, and returns its id. */
async function newLetter(api: Api, companyId: string | null, overrides: object = {}): Promise<string> {
  const jobId = randomUUID();
  const { deadLetters } = api.database.system;
  await deadLetters.add({
    companyId,
    queue: queues.inboundMessages,
    jobName: "message",
    jobId,
    reason: "body: too long",
    payloadSummary: "{ body: text of 17 }",
    payload: JSON.stringify({ body: secret }),
    attempts: 8,
    failedAt: new Date(),
    ...overrides,
  });
  const { items } = await deadLetters.list({ limit: 100 });
  return items.find((letter) => letter.jobId === jobId)?.id ?? "";
}

async function newOperator(api: Api) {
  return (await signInFirstOperator(api)).bearer;
}

test("lists the dead letters of a company to its managers, without message texts", async ({ api }) => {
  const admin = await newUser(api, "admin");
  const ids = [];
  for (let n = 0; n < 3; n++) ids.push(await newLetter(api, admin.companyId));
  await newLetter(api, randomUUID());
  await newLetter(api, null);
  const page = (query: string) => api.request.get(`/v1/dead-letters?${query}`).set(admin.bearer).expect(200);
  const { body: first, text } = await page("limit=2");
  const { body: second } = await page(`limit=2&before=${first.next}`);
  expect([...first.items, ...second.items].map(({ id }: { id: string }) => id).sort()).toEqual(ids.sort());
  expect(second.next).toBeNull();
  expect(first.items[0]).toMatchObject({ reason: "body: too long", state: "resting", failures: 1, mayRedrive: true });
  expect(text).not.toContain(secret);
  expect((await page("jobName=ack")).body.items).toEqual([]);
  expect((await page("state=resting")).body.items).toHaveLength(3);
  await api.request.get("/v1/dead-letters?before=nonsense").set(admin.bearer).expect(422);
});

test("rejects agents on dead letters", async ({ api }) => {
  const agent = await newUser(api, "agent");
  const id = await newLetter(api, agent.companyId);
  await api.request.get("/v1/dead-letters").set(agent.bearer).expect(403);
  await api.request.post("/v1/dead-letters/redrive").set(agent.bearer).send({}).expect(403);
  await api.request.post(`/v1/dead-letters/${id}/redrive`).set(agent.bearer).expect(403);
});

test("rejects redriving and discarding letters of other companies and of none", async ({ api }) => {
  const [owner, stranger] = [await newUser(api, "owner"), await newUser(api, "owner")];
  const ids = [await newLetter(api, owner.companyId), await newLetter(api, null)];
  for (const id of ids) {
    await api.request.post(`/v1/dead-letters/${id}/redrive`).set(stranger.bearer).expect(404);
    await api.request.post(`/v1/dead-letters/${id}/discard`).set(stranger.bearer).send({ note: "x" }).expect(404);
  }
  const { body } = await api.request.post("/v1/dead-letters/redrive").set(stranger.bearer).send({}).expect(202);
  expect(body).toEqual({ redriven: 0, remaining: 0 });
  const { items } = await api.database.system.deadLetters.list({ limit: 10 });
  expect(items.map(({ state }) => state)).toEqual(["resting", "resting"]);
});

test("accepts one of two concurrent redrives of a letter", async ({ api }) => {
  const admin = await newUser(api, "admin");
  const id = await newLetter(api, admin.companyId);
  const redrive = () => api.request.post(`/v1/dead-letters/${id}/redrive`).set(admin.bearer);
  const answers = await Promise.all([redrive(), redrive()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([202, 409]);
  expect(answers.find(({ status }) => status === 202)?.body).toMatchObject({ id, state: "redriving" });
});

test("redrives all letters, or those of one job name, with one request", async ({ api }) => {
  const admin = await newUser(api, "admin");
  for (let n = 0; n < 3; n++) await newLetter(api, admin.companyId);
  await newLetter(api, admin.companyId, { jobName: "ack" });
  await newLetter(api, admin.companyId, { payload: null });
  const redrive = (body: object) => api.request.post("/v1/dead-letters/redrive").set(admin.bearer).send(body);
  expect((await redrive({ jobName: "ack" }).expect(202)).body).toEqual({ redriven: 1, remaining: 0 });
  expect((await redrive({}).expect(202)).body).toEqual({ redriven: 3, remaining: 0 });
  const { body } = await api.request.get("/v1/dead-letters?state=resting").set(admin.bearer).expect(200);
  expect(body.items).toMatchObject([{ mayRedrive: false }]);
});

test("keeps the note of a discarded letter and rejects redriving it", async ({ api }) => {
  const admin = await newUser(api, "admin");
  const id = await newLetter(api, admin.companyId);
  const discard = (body: object) => api.request.post(`/v1/dead-letters/${id}/discard`).set(admin.bearer).send(body);
  await discard({ note: "  " }).expect(422);
  expect((await discard({ note: "duplicado" }).expect(200)).body).toMatchObject({
    state: "discarded",
    note: "duplicado",
  });
  await discard({ note: "de novo" }).expect(409);
  await api.request.post(`/v1/dead-letters/${id}/redrive`).set(admin.bearer).expect(409);
});

test("lists letters of all companies and of none to an operator, who can redrive them", async ({ api }) => {
  const bearer = await newOperator(api);
  const company = await newUser(api, "owner");
  const [own, none] = [await newLetter(api, company.companyId), await newLetter(api, null)];
  const list = (query: string) => api.request.get(`/v1/operator/dead-letters?${query}`).set(bearer).expect(200);
  expect((await list("")).body.items).toHaveLength(2);
  expect((await list("companyId=none")).body.items).toMatchObject([{ id: none, companyId: null }]);
  expect((await list(`companyId=${company.companyId}`)).body.items).toMatchObject([{ id: own }]);
  await api.request.post(`/v1/operator/dead-letters/${none}/redrive`).set(bearer).expect(202);
  const all = await api.request.post("/v1/operator/dead-letters/redrive").set(bearer).send({}).expect(202);
  expect(all.body).toEqual({ redriven: 1, remaining: 0 });
  await api.request.get("/v1/operator/dead-letters").set(company.bearer).expect(401);
  await api.request.get("/v1/dead-letters").set(bearer).expect(401);
});

test("opens the queue dashboard with a cookie for its path only", async ({ api }) => {
  const bearer = await newOperator(api);
  const owner = await newUser(api, "owner");
  await api.request.get("/v1/operator/queues/").expect(401);
  await api.request.get("/v1/operator/queues/").set(bearer).expect(401);
  await api.request.post("/v1/operator/queue-dashboard").set(owner.bearer).expect(401);
  const opened = await api.request
    .post("/v1/operator/queue-dashboard")
    .set({ ...bearer, Origin: "https://inbox.example.com" })
    .expect(200);
  const cookie = String(opened.headers["set-cookie"]);
  for (const part of ["Path=/v1/operator/queues", "HttpOnly", "SameSite=Strict", "Secure"])
    expect(cookie).toContain(part);
  const Cookie = cookie.split(";")[0] ?? "";
  const page = await api.request.get(opened.body.path).set({ Cookie }).expect(200);
  expect(page.text).toContain("<title>");
  expect(page.headers["content-security-policy"]).toContain("script-src 'self'");
  const script = /src="(static\/js\/main[^"]*)"/.exec(page.text)?.[1];
  await api.request.get(`${opened.body.path}${script}`).set({ Cookie }).expect(200);
  // The cookie is valid for the page only, and other tokens are not valid for the page.
  await api.request.get("/v1/operator/dead-letters").set({ Cookie }).expect(401);
  const token = Cookie.slice(Cookie.indexOf("=") + 1);
  await api.request
    .get("/v1/operator/dead-letters")
    .set({ Authorization: `Bearer ${token}` })
    .expect(401);
  await api.request
    .get("/v1/operator/queues/")
    .set({ Cookie: `syszap_queues=${bearer.Authorization.slice("Bearer ".length)}` })
    .expect(401);
});

test("shows jobs in the queue dashboard without message texts, read-only", async ({ api }) => {
  const bearer = await newOperator(api);
  const opened = await api.request.post("/v1/operator/queue-dashboard").set(bearer).expect(200);
  const Cookie = String(opened.headers["set-cookie"]).split(";")[0] ?? "";
  const queue = new Queue(queues.inboundMessages, { connection: api.redis.duplicate({ maxRetriesPerRequest: null }) });
  await queue.add("message", { body: secret }, { jobId: "m1" });
  const root = `/v1/operator/queues/api/queues`;
  const list = await api.request.get(`${root}?activeQueue=${queues.inboundMessages}&status=waiting`).set({ Cookie });
  expect(list.status).toBe(200);
  expect(list.text).toContain("body: text of 17");
  expect(list.text).not.toContain(secret);
  const one = await api.request.get(`${root}/${queues.inboundMessages}/m1`).set({ Cookie });
  expect(one.text).not.toContain(secret);
  for (const act of ["m1/clean", "m1/promote", "m1/retry", "pause", "empty", "obliterate", "add"]) {
    const path = `${root}/${queues.inboundMessages}/${act}`;
    await api.request.put(path).set({ Cookie }).send({}).expect(405);
    await api.request.post(path).set({ Cookie }).send({}).expect(405);
  }
  expect(await queue.getWaitingCount()).toBe(1);
  await queue.obliterate({ force: true });
  await queue.close();
});
