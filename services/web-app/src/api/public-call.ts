import type { AnswerOf, RequestOf } from "@syszap/contracts";
import type { Operation } from "@syszap/contracts/constants";
import { type RequestParts, readJson, sendRequest } from "./request.ts";

/** Calls an operation that requires no login. Rejects with an `ApiError`. */
export async function callPublic<Name extends Operation>(
  operation: Name,
  request: RequestOf<Name>,
): Promise<AnswerOf<Name>> {
  return readJson<AnswerOf<Name>>(await sendRequest(operation, request as RequestParts));
}
