import { endpoints, type Operation } from "@syszap/contracts/constants";
import { ApiError, toApiError } from "./api-error.ts";
import { type UrlValues, urlOf } from "./endpoint-url.ts";

/** What `RequestOf` an operation can contain. */
export interface RequestParts {
  params?: UrlValues;
  query?: UrlValues;
  headers?: Record<string, string | undefined>;
  body?: object | undefined;
}
interface SendOptions {
  token?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Sends a request to an operation. */
export function sendRequest(operation: Operation, parts: RequestParts, options: SendOptions = {}): Promise<Response> {
  const { params, query, headers = {}, body } = parts;
  const given = Object.entries(headers).filter((header): header is [string, string] => header[1] !== undefined);
  const init: RequestInit = {
    method: endpoints[operation].method.toUpperCase(),
    headers: { ...(body && { "Content-Type": "application/json" }), ...Object.fromEntries(given) },
    ...(body && { body: JSON.stringify(body) }),
  };
  return sendTo(urlOf(operation, params, query), init, options);
}

/** Like `fetch`, but without an answer it rejects with an `ApiError` of status 0, unless `signal` was aborted. */
export async function sendTo(url: string, init: RequestInit, { token, signal }: SendOptions): Promise<Response> {
  const headers = { ...init.headers, ...(token !== undefined && { Authorization: `Bearer ${token}` }) };
  try {
    return await fetch(url, { ...init, headers, ...(signal && { signal }) });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(0);
  }
}

/** The JSON of a successful answer; rejects with an `ApiError` for any other. */
export async function readJson<Answer>(response: Response): Promise<Answer> {
  if (!response.ok) throw await toApiError(response);
  return (response.status === 204 ? undefined : await response.json()) as Answer;
}
