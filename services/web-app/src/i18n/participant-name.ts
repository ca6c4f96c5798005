import type { Participant } from "@syszap/contracts";
import { useNumberFormat } from "./phone-numbers.ts";

/** Returns the function that names participants of groups: by name, else by number. */
export function useParticipantName(): (participant: Participant) => string {
  const formatNumber = useNumberFormat();
  return ({ name, number }) => name ?? formatNumber(number);
}
