import { createContext } from "react";

/** Shows the original of a quote. Absent outside of a conversation. */
export const OriginalContext = createContext<((messageId: string) => void) | undefined>(undefined);
