import { createContext } from "react";

/** Opens the picture of a message in the viewer of the conversation. Absent outside of a conversation. */
export const ViewerContext = createContext<((messageId: string) => void) | undefined>(undefined);
