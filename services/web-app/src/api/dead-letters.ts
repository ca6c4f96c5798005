import type { DeadLetter, Page } from "@syszap/contracts";
import type { Http } from "./http.ts";

export type DeadLetterState = DeadLetter["state"];

/** Failures of the company, or of all companies: the same requests below another path. */
export class DeadLetterApi {
  readonly path: string;
  private readonly http: Http;

  constructor(http: Http, path: "/v1/dead-letters" | "/v1/operator/dead-letters") {
    this.http = http;
    this.path = path;
  }

  list = (state: DeadLetterState, before: string | undefined, signal?: AbortSignal) =>
    this.http.json<Page<DeadLetter>>(this.path, { query: { state, before }, ...(signal && { signal }) });
  redrive = (id: string) => this.http.json<DeadLetter>(`${this.path}/${id}/redrive`, { method: "POST" });
  redriveAll = () =>
    this.http.json<{ redriven: number; remaining: number }>(`${this.path}/redrive`, { method: "POST", body: {} });
  discard = (id: string, note: string) =>
    this.http.json<DeadLetter>(`${this.path}/${id}/discard`, { method: "POST", body: { note } });
}
