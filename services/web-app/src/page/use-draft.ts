import { useSyncExternalStore } from "react";
import type { Draft } from "../live/drafts.ts";
import { drafts } from "./state.ts";

/** What was written and attached in a chat and is not sent yet. */
export const useDraft = (chatId: string): Draft =>
  useSyncExternalStore(drafts.store.subscribe, () => drafts.get(chatId));
