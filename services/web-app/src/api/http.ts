import { ApiError, toApiError } from "./api-error.ts";
import { sendFile } from "./send-file.ts";

interface RequestOptions {
  method?: "GET" | "POST" | "PATCH" | "DELETE";
  body?: object;
  query?: Record<string, string | number | undefined>;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** How long the token must still live; a ticket carries its end. */
  tokenLifeMs?: number;
}

/** Whoever is signed in. */
export interface Credentials {
  /** A token that still lives for a while. */
  freshToken(remainingMs?: number): Promise<string>;
  /** Another token; rejects when there is none to be had. */
  refresh(): Promise<void>;
  /** The server does not know this login any more. */
  expire(): void;
}

/** Requests as the signed-in person. A token that the server refuses is renewed once. */
export class Http {
  private readonly auth: Credentials;

  constructor(auth: Credentials) {
    this.auth = auth;
  }

  async json<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
    const response = await this.fetch(path, options);
    return (response.status === 204 ? undefined : await response.json()) as Answer;
  }

  async blob(path: string, signal?: AbortSignal): Promise<Blob> {
    const response = await this.fetch(path, signal ? { signal } : {});
    return response.blob();
  }

  /** Streams a file; `onProgress` is told the part that the server has, from 0 to 1. */
  async upload<Answer>(path: string, file: File, onProgress: (part: number) => void): Promise<Answer> {
    const send = async () => sendFile(path, file, { token: await this.auth.freshToken(), onProgress });
    let response = await send();
    if (response.status === 401) {
      await this.auth.refresh();
      response = await send();
      if (response.status === 401) this.auth.expire();
    }
    if (!response.ok) throw await toApiError(response);
    return (await response.json()) as Answer;
  }

  private async fetch(path: string, options: RequestOptions): Promise<Response> {
    const first = await this.attempt(path, options);
    if (first.ok) return first;
    if (first.status !== 401) throw await toApiError(first);
    await this.auth.refresh();
    const second = await this.attempt(path, options);
    if (second.ok) return second;
    if (second.status === 401) this.auth.expire();
    throw await toApiError(second);
  }

  private async attempt(path: string, options: RequestOptions): Promise<Response> {
    const { method = "GET", body, query = {}, headers = {}, signal } = options;
    const token = await this.auth.freshToken(options.tokenLifeMs);
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
    const init: RequestInit = {
      method,
      headers: {
        Authorization: `Bearer ${token}`,
        ...(body ? { "Content-Type": "application/json" } : {}),
        ...headers,
      },
      ...(body ? { body: JSON.stringify(body) } : {}),
      ...(signal ? { signal } : {}),
    };
    try {
      return await fetch(search.size > 0 ? `${path}?${search}` : path, init);
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiError(0);
    }
  }
}
