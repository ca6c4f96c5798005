import type { AnswerOf, DeadLetter, Page } from "@syszap/contracts";
import type { ApiClient } from "../../api/api-client.ts";

export type DeadLetterState = DeadLetter["state"];
export type RedriveResult = AnswerOf<"redriveDeadLetters">;

/** The operations on dead letters. Managers use those of their company, operators those of all companies. */
export interface DeadLetterSource {
  /** Part of the query key. */
  name: string;
  list: (
    query: { state: DeadLetterState; before: string | undefined },
    signal: AbortSignal,
  ) => Promise<Page<DeadLetter>>;
  redrive: (id: string) => Promise<DeadLetter>;
  redriveAll: () => Promise<RedriveResult>;
  discard: (id: string, note: string) => Promise<DeadLetter>;
}

export const companyDeadLetters = ({ call }: ApiClient): DeadLetterSource => ({
  name: "company",
  list: (query, signal) => call("listDeadLetters", { query }, { signal }),
  redrive: (id) => call("redriveDeadLetter", { params: { id } }),
  redriveAll: () => call("redriveDeadLetters", { body: {} }),
  discard: (id, note) => call("discardDeadLetter", { params: { id }, body: { note } }),
});

export const allDeadLetters = ({ call }: ApiClient): DeadLetterSource => ({
  name: "operator",
  list: (query, signal) => call("listAllDeadLetters", { query }, { signal }),
  redrive: (id) => call("redriveAnyDeadLetter", { params: { id } }),
  redriveAll: () => call("redriveAllDeadLetters", { body: {} }),
  discard: (id, note) => call("discardAnyDeadLetter", { params: { id }, body: { note } }),
});
