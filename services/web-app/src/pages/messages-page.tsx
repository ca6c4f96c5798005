import { MessagesSquare } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Navigate, useParams } from "react-router";
import { ChatList } from "../components/inbox/chat-list.tsx";
import { Conversation } from "../components/inbox/conversation.tsx";
import { Empty } from "../components/ui/states.tsx";
import { useChats, useUnlistedChat } from "../page/queries.ts";

/** The list of chats beside the open chat. Narrow screens show one of them. */
export function MessagesPage() {
  const { t } = useTranslation();
  const { chatId } = useParams();
  const { items } = useChats("");
  const listed = items?.find((chat) => chat.id === chatId);
  const unlisted = useUnlistedChat(chatId ?? "", chatId !== undefined && items !== undefined && !listed);
  if (!listed && unlisted && unlisted.id !== chatId) return <Navigate to={`/messages/${unlisted.id}`} replace />;
  return (
    <div className="flex min-h-0 flex-1">
      <aside
        className={`min-h-0 w-full flex-col border-line bg-surface md:flex md:w-80 md:border-r lg:w-96 ${chatId ? "hidden" : "flex"}`}
      >
        <ChatList openChatId={chatId} />
      </aside>
      {chatId ? (
        <Conversation key={chatId} chatId={chatId} chat={listed} />
      ) : (
        <div className="paper hidden flex-1 md:flex">
          <Empty icon={<MessagesSquare />} title={t("inbox:pick")} text={t("inbox:pickText")} />
        </div>
      )}
    </div>
  );
}
