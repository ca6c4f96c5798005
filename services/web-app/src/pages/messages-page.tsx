import { MessagesSquare } from "lucide-react";
import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Navigate, useParams } from "react-router";
import { ChecklistCard } from "../components/checklist/checklist-card.tsx";
import { useChecklist } from "../components/checklist/use-checklist.ts";
import { ChatList } from "../components/inbox/chat-list.tsx";
import { Boundary } from "../components/ui/boundary.tsx";
import { Empty, Loading } from "../components/ui/states.tsx";
import { useIsWide } from "../components/ui/use-is-wide.ts";
import { lazyPart } from "../lib/lazy-part.ts";
import { useChats, useUnlistedChat } from "../page/queries.ts";

const Conversation = lazyPart(async () => (await import("../components/inbox/conversation.tsx")).Conversation);
// It is needed at once or with the first click.
Conversation.preload();

/** The list of chats beside the open chat. Narrow screens show one of them. */
export function MessagesPage() {
  const { t } = useTranslation();
  const { chatId } = useParams();
  const { items } = useChats("");
  const checklist = useChecklist();
  const isWide = useIsWide();
  const listed = items?.find((chat) => chat.id === chatId);
  const unlisted = useUnlistedChat(chatId ?? "", chatId !== undefined && items !== undefined && !listed);
  if (!listed && unlisted && unlisted.id !== chatId) return <Navigate to={`/messages/${unlisted.id}`} replace />;
  return (
    <div className="flex min-h-0 flex-1">
      <aside
        className={`min-h-0 w-full flex-col short:overflow-y-auto border-line bg-surface md:flex md:w-80 md:border-r lg:w-96 ${chatId ? "hidden" : "flex"}`}
      >
        {checklist && !isWide && <ChecklistCard checklist={checklist} className="m-3 max-h-[55dvh] overflow-y-auto" />}
        <Boundary>
          <ChatList openChatId={chatId} />
        </Boundary>
      </aside>
      {chatId ? (
        <Boundary shown={chatId}>
          <Suspense fallback={<Loading className="flex-1" />}>
            <Conversation key={chatId} chatId={chatId} chat={listed} />
          </Suspense>
        </Boundary>
      ) : (
        <div className="paper hidden min-w-0 flex-1 overflow-y-auto p-4 md:flex">
          {checklist ? (
            <ChecklistCard checklist={checklist} className="m-auto w-full max-w-lg" />
          ) : (
            <Empty icon={<MessagesSquare />} title={t("inbox:pick")} text={t("inbox:pickText")} />
          )}
        </div>
      )}
    </div>
  );
}
