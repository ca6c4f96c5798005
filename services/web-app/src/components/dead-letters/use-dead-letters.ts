import type { DeadLetter } from "@syszap/contracts";
import { usePagedList } from "../../page/list-query.ts";
import type { DeadLetterSource, DeadLetterState } from "./dead-letter-source.ts";

/** No event reports dead letters, so they are refetched while attempts are expected to run. */
const refetchMs = 2_000;
/** A requested attempt has usually ended after this time. */
const attemptTimeMs = 20_000;

/** `requestedAtMs` is the time of the last action on the page. */
export const useDeadLetters = (source: DeadLetterSource, state: DeadLetterState, requestedAtMs: number) =>
  usePagedList<DeadLetter>({
    key: ["dead-letters", source.name, state],
    read: (before, signal) => source.list({ state, before }, signal),
    refetchInterval: (letters) => {
      const isRunning = state === "redriving" && letters.length > 0;
      return isRunning || Date.now() - requestedAtMs < attemptTimeMs ? refetchMs : false;
    },
  });
