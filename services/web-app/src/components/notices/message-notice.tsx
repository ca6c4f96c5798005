import type { DataOf } from "@syszap/contracts";
import { useTranslation } from "react-i18next";
import { avatarOf } from "../../i18n/client-name.ts";
import { useChats } from "../../page/queries.ts";
import { Avatar } from "../ui/avatar.tsx";

/** A message of a chat that is not visible in any tab. */
export interface Incoming {
  data: DataOf<"new_message">;
  name: string;
  snippet: string;
}

/** The content of a toast for one message. */
export function MessageNotice({ data, name, snippet, onOpen }: Incoming & { onOpen: () => void }) {
  const { t } = useTranslation();
  const { items } = useChats("");
  const chat = items?.find(({ id }) => id === data.Chat_Id);
  const unknownChat = { name, pictureUrl: null, isGroup: data.Group !== undefined };
  return (
    <button
      type="button"
      data-testid="message-notice"
      onClick={onOpen}
      className="flex w-89 max-w-[calc(100vw-2rem)] items-center gap-3 rounded-xl border border-line bg-raised p-3 text-left text-ink shadow-float"
    >
      <Avatar {...(chat ? avatarOf(t, chat) : unknownChat)} className="size-10 text-sm" />
      <span className="min-w-0 flex-1">
        <span dir="auto" className="block truncate font-semibold text-sm">
          {name}
        </span>
        <span dir="auto" className="line-clamp-2 text-muted text-sm [overflow-wrap:anywhere]">
          {snippet}
        </span>
      </span>
    </button>
  );
}
