import type { MissingFile, StoredFile } from "@syszap/contracts";

/** Result of fetching a message's file. A missing file with a handle can be tried again. */
export type MediaOutcome = { media: StoredFile } | { missingMedia: MissingFile; mediaHandle?: string };

export const isPending = (outcome: MediaOutcome): boolean =>
  "missingMedia" in outcome && outcome.missingMedia.state === "pending";

/** Explanation for users, in English. `limitBytes` is used by `too_large` only. */
export function missingReason(state: MissingFile["state"], limitBytes: number): string {
  if (state === "pending") return "The file is still on its way.";
  if (state === "unavailable") return "WhatsApp did not hand over the file. Open it on the phone.";
  return `The file is larger than ${Math.round(limitBytes / 1e6)} MB, the most that is kept here. Open it on the phone.`;
}
