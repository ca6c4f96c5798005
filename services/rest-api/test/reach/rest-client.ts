import { expect } from "vitest";
import type { Bearer } from "./company.ts";

interface Options {
  body?: object;
  bytes?: Buffer;
  headers?: Record<string, string>;
}
// biome-ignore lint/suspicious/noExplicitAny: bodies of all endpoints
export type Answer = { status: number; body: any };

/** Sends requests to the API over HTTP, as browsers and programs do. */
export class RestClient {
  constructor(readonly url: string) {}

  /** `operation`: method and path, such as `GET /v1/chats`. */
  async request(bearer: Bearer, operation: string, { body, bytes, headers }: Options = {}): Promise<Answer> {
    const [method, path] = operation.split(" ");
    const type = bytes ? "image/png" : "application/json";
    const content = bytes ?? (body && JSON.stringify(body));
    const response = await fetch(`${this.url}${path}`, {
      ...(method && { method }),
      headers: { ...bearer, ...(content && { "Content-Type": type }), ...headers },
      ...(content && { body: content }),
    });
    const isJson = response.headers.get("content-type")?.includes("json");
    return { status: response.status, body: isJson ? await response.json() : await response.arrayBuffer() };
  }

  async expect(status: number, bearer: Bearer, operation: string, body?: object) {
    const answer = await this.request(bearer, operation, body && { body });
    expect(answer.status, `${operation}: ${JSON.stringify(answer.body)}`).toBe(status);
    return answer.body;
  }
}
