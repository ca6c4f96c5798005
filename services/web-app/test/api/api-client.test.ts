import { afterEach, expect, test, vi } from "vitest";
import { ApiClient } from "../../src/api/api-client.ts";
import { ApiError } from "../../src/api/api-error.ts";
import { mediaIdOf, mediaUrl } from "../../src/api/endpoint-url.ts";

interface Sent {
  url: string;
  method: string | undefined;
  headers: Headers;
  body: string | undefined;
}

afterEach(() => vi.unstubAllGlobals());

/** A client whose requests get the given answers in turn. Its tokens are `token 1`, `token 2` and so on. */
function clientWith(...answers: (() => Response)[]) {
  const sent: Sent[] = [];
  const events: string[] = [];
  let renewals = 1;
  vi.stubGlobal("fetch", async (url: string, init: RequestInit) => {
    init.signal?.throwIfAborted();
    sent.push({ url, method: init.method, headers: new Headers(init.headers), body: init.body as string | undefined });
    const answer = answers.shift();
    if (!answer) throw new TypeError("no connection");
    return answer();
  });
  const client = new ApiClient({
    freshToken: async () => `token ${renewals}`,
    refresh: async () => {
      renewals += 1;
      events.push("refresh");
    },
    expire: () => events.push("expire"),
  });
  return { client, sent, events };
}
const ok = () => Response.json({ items: [], next: null });
const unauthorised = () => Response.json({ type: "/problems/unauthenticated", status: 401 }, { status: 401 });

test("sends an operation to the path of the route table, with parameters, query, headers and body", async () => {
  const { client, sent } = clientWith(ok, ok);
  await client.call("listMessages", { params: { id: "a/b" }, query: { before: undefined, limit: 50 } });
  const headers = { "idempotency-key": "key" };
  await client.call("sendMessage", { params: { id: "c" }, headers, body: { body: "oi" } });
  expect(sent.map(({ method, url, body }) => [method, url, body])).toEqual([
    ["GET", "/v1/chats/a%2Fb/messages?limit=50", undefined],
    ["POST", "/v1/chats/c/messages", '{"body":"oi"}'],
  ]);
  expect(sent[1]?.headers.get("Idempotency-Key")).toBe("key");
  expect(sent[1]?.headers.get("Content-Type")).toBe("application/json");
});

test("renews a rejected token and repeats the request once", async () => {
  const { client, sent, events } = clientWith(unauthorised, ok);
  await client.call("listSessions");
  expect(sent.map(({ headers }) => headers.get("Authorization"))).toEqual(["Bearer token 1", "Bearer token 2"]);
  expect(events).toEqual(["refresh"]);
});

test("a wrong password in the request does not renew the token", async () => {
  const wrong = () => Response.json({ type: "/problems/wrong-credentials", status: 401 }, { status: 401 });
  const { client, events } = clientWith(wrong);
  await expect(client.call("listSessions")).rejects.toMatchObject({ status: 401 });
  expect(events).toEqual([]);
});

test("ends the login if the server rejects the renewed token too", async () => {
  const { client, events } = clientWith(unauthorised, unauthorised);
  await expect(client.call("listSessions")).rejects.toMatchObject({ status: 401 });
  expect(events).toEqual(["refresh", "expire"]);
});

test("rejects with status 0 if there is no answer, and with the problem of an unsuccessful one", async () => {
  const problem = { type: "/problems/unavailable", status: 503, title: "Not available" };
  const headers = { "Retry-After": "3" };
  const { client } = clientWith(() => Response.json(problem, { status: 503, headers }));
  const failure = await client.call("listSessions").catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ApiError);
  expect(failure).toMatchObject({ status: 503, problem, retryAfterMs: 3_000, isTransient: true });
  await expect(client.call("listSessions")).rejects.toMatchObject({ status: 0, isTransient: true });
});

test("an aborted request rejects with the reason of its signal", async () => {
  const { client } = clientWith(ok);
  const reason = new Error("the page was left");
  await expect(client.call("listSessions", {}, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test("an answer without content is undefined", async () => {
  const { client } = clientWith(() => new Response(null, { status: 204 }));
  expect(await client.call("removeSession", { params: { id: "a" } })).toBeUndefined();
});

test("recognises URLs of the media store", () => {
  expect(mediaIdOf(mediaUrl("a"))).toBe("a");
  expect(mediaIdOf("https://pps.whatsapp.net/a.jpg")).toBeUndefined();
});
