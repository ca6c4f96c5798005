import type { AnswerOf, RequestOf, UploadedFile } from "@syszap/contracts";
import type { Operation } from "@syszap/contracts/constants";
import { isProblem, toApiError } from "./api-error.ts";
import { urlOf } from "./endpoint-url.ts";
import { type RequestParts, readJson, sendRequest, sendTo } from "./request.ts";
import { sendFile, type UploadOptions } from "./send-file.ts";

/** Access tokens of the signed-in user or operator. */
export interface Credentials {
  /** A token that is valid for at least `remainingMs` more. */
  freshToken(remainingMs?: number): Promise<string>;
  /** Gets another token. Rejects if the login has ended. */
  refresh(): Promise<void>;
  /** Called when the server rejects a token that was just renewed. */
  expire(): void;
}
interface CallOptions {
  signal?: AbortSignal | undefined;
  /** How long the token must stay valid, for answers that expire with it. */
  tokenLifeMs?: number;
}
/** The request may be left out if the operation requires no part of it. */
type CallArguments<Name extends Operation> =
  object extends RequestOf<Name>
    ? [request?: RequestOf<Name>, options?: CallOptions]
    : [request: RequestOf<Name>, options?: CallOptions];

/** Calls the REST API as the signed-in user. Rejects with an `ApiError`. */
export class ApiClient {
  private readonly credentials: Credentials;

  constructor(credentials: Credentials) {
    this.credentials = credentials;
  }

  /** Calls an operation of the contracts' route table, which types the request and the answer. */
  readonly call = async <Name extends Operation>(
    operation: Name,
    ...[request, { signal, tokenLifeMs } = {}]: CallArguments<Name>
  ): Promise<AnswerOf<Name>> => {
    const parts = (request ?? {}) as RequestParts;
    const send = (token: string) => sendRequest(operation, parts, { token, signal });
    return readJson<AnswerOf<Name>>(await this.withToken(send, tokenLifeMs));
  };

  /** Downloads a file from a URL of the server. */
  async download(url: string, signal?: AbortSignal): Promise<Blob> {
    const response = await this.withToken((token) => sendTo(url, {}, { token, signal }));
    if (!response.ok) throw await toApiError(response);
    return response.blob();
  }

  /** Uploads a file for a later message. */
  async upload(file: File, options: UploadOptions = {}): Promise<UploadedFile> {
    const url = urlOf("uploadMedia", {}, { fileName: file.name });
    return readJson<UploadedFile>(await this.withToken((token) => sendFile(url, file, { token, ...options })));
  }

  /** Sends a request. If the server rejects the token, renews it and sends the request once more. */
  private async withToken(send: (token: string) => Promise<Response>, tokenLifeMs?: number): Promise<Response> {
    const first = await send(await this.credentials.freshToken(tokenLifeMs));
    if (!(await isTokenRejected(first))) return first;
    await this.credentials.refresh();
    const second = await send(await this.credentials.freshToken(tokenLifeMs));
    if (await isTokenRejected(second)) this.credentials.expire();
    return second;
  }
}

/** False for a wrong password in the request, which the server answers with the same status. */
async function isTokenRejected(response: Response): Promise<boolean> {
  if (response.status !== 401) return false;
  return !isProblem(await toApiError(response.clone()), "wrong_credentials");
}
