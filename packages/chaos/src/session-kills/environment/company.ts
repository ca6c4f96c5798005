import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { type ApiKeyScope, type Chat, LoginAnswer, NewApiKey, Session } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import { z } from "zod";

export const password = "syszap-kills";
/** Hash of `password`. */
export const passwordHash =
  "$argon2id$v=19$m=19456,t=2,p=1$CIBZQ4Il2KzHQ1yq0myg5Q$HR7HES1Bb4fr23XEVgW5zIpl/O1RHuBzdZoJ+6qE2Yk";
const requestTimeoutMs = 15_000;
const [retryDelayMs, retryDeadlineMs] = [250, 120_000];
const [tooManyRequests, serverError] = [429, 500];

/** A 4xx answer other than 429. A retry would get the same answer. */
export class RejectedError extends Error {
  override readonly name = "RejectedError";
}

/** A company that uses the product through REST. */
export class Company {
  private constructor(
    readonly id: string,
    private readonly url: string,
    private readonly accessToken: string,
  ) {}

  static async open(database: Database, restUrl: string): Promise<Company> {
    const { id } = await database.system.companies.create({ name: "Padaria São João" });
    const email = `${randomUUID()}@example.com`;
    await database.system.logins.createUser({ companyId: id, email, name: "Ana", role: "owner", passwordHash });
    const answer = await request("POST", `${restUrl}/v1/auth/login`, { body: { email, password } });
    return new Company(id, restUrl, LoginAnswer.parse(answer).accessToken);
  }

  async createSession(name: string): Promise<Session> {
    return Session.parse(await this.call("POST", "/v1/sessions", { name, engine: "wppconnect" }));
  }

  /** Requests a connection, as the Connect button does. */
  async connect(sessionId: string): Promise<void> {
    await this.call("POST", `/v1/sessions/${sessionId}/connect`, {});
  }

  async disconnect(sessionId: string): Promise<void> {
    await this.call("POST", `/v1/sessions/${sessionId}/disconnect`, {});
  }

  async sessions(): Promise<Session[]> {
    const { items } = z.object({ items: z.array(Session) }).parse(await this.call("GET", "/v1/sessions"));
    return items;
  }

  async answer(chatId: Chat["id"], body: string): Promise<void> {
    await this.call("POST", `/v1/chats/${chatId}/messages`, { body });
  }

  async markRead(chatId: Chat["id"]): Promise<void> {
    await this.call("POST", `/v1/chats/${chatId}/read`, {});
  }

  /** Resolves with the secret of a new API key. */
  async createApiKey(name: string, scopes: ApiKeyScope[]): Promise<string> {
    return NewApiKey.parse(await this.call("POST", "/v1/api-keys", { name, scopes })).secret;
  }

  /** Like the web app, retries with the same idempotency key after network errors, 429 and 5xx answers. */
  private async call(method: string, path: string, body?: object): Promise<unknown> {
    const key = randomUUID();
    for (const startedAt = Date.now(); ; await delay(retryDelayMs)) {
      try {
        return await request(method, `${this.url}${path}`, { body, accessToken: this.accessToken, key });
      } catch (err) {
        if (err instanceof RejectedError || Date.now() - startedAt > retryDeadlineMs) throw err;
      }
    }
  }
}

/** Sends one request. Rejects with `RejectedError` if a retry is useless. */
export async function request(
  method: string,
  url: string,
  { body, accessToken, key }: { body?: object | undefined; accessToken?: string; key?: string },
): Promise<unknown> {
  const answer = await fetch(url, {
    method,
    signal: AbortSignal.timeout(requestTimeoutMs),
    headers: {
      "content-type": "application/json",
      ...(accessToken !== undefined && { authorization: `Bearer ${accessToken}` }),
      ...(key !== undefined && { "idempotency-key": key }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) {
    const reason = `${method} ${new URL(url).pathname} answered ${answer.status}: ${await answer.text()}`;
    const mayRetry = answer.status >= serverError || answer.status === tooManyRequests;
    throw mayRetry ? new Error(reason) : new RejectedError(reason);
  }
  return answer.json();
}
