import type { MessageContent } from "@syszap/contracts";

export type SentContent = Pick<MessageContent, "location" | "contacts" | "poll">;

export interface ContentDialogProps {
  /** `summary`: the text that the server stores with the content. */
  onSend: (content: SentContent, summary: string) => void;
  onClose: () => void;
}
