import type { Chat, Session } from "@syszap/contracts";
import { ArrowLeft, CalendarSearch, Users } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { avatarOf, chatName } from "../../i18n/client-name.ts";
import { useNumberFormat } from "../../i18n/phone-numbers.ts";
import { lazyExtra } from "../../lib/lazy-part.ts";
import { ConnectionBadge } from "../shell/connection-badge.tsx";
import { Avatar } from "../ui/avatar.tsx";
import { IconButton } from "../ui/button.tsx";
import { useIsWide } from "../ui/use-is-wide.ts";

const GroupPanel = lazyExtra(async () => (await import("./group/group-panel.tsx")).GroupPanel);

interface ConversationHeaderProps {
  chat: Chat | undefined;
  session: Session | undefined;
  typing: string | undefined;
  /** Jumps to a date. Absent while there are no messages. */
  onPickDate?: () => void;
}

/** The name of the open chat. For a group, it opens the panel with the participants. */
export function ConversationHeader({ chat, session, typing, onPickDate }: ConversationHeaderProps) {
  const { t } = useTranslation();
  const formatNumber = useNumberFormat();
  const isWide = useIsWide();
  const [isPanelOpen, setPanelOpen] = useState(false);
  const group = chat?.group;
  const number = chat?.client?.whatsappNumber;
  const people = group && t("inbox:group.participants", { count: group.participantCount });
  return (
    <header className="flex min-h-16 items-center gap-3 border-line border-b bg-surface px-3 py-2 short:min-h-12 short:py-0.5 sm:px-5">
      <Link
        to="/messages"
        aria-label={t("inbox:back")}
        className="-ml-1 grid size-10 place-items-center rounded-full text-muted hover:bg-hover md:hidden"
      >
        <ArrowLeft className="size-5" />
      </Link>
      {chat && (
        <>
          <Avatar {...avatarOf(t, chat)} className="size-10 text-sm" />
          <div className="min-w-0">
            <h2 dir="auto" data-testid="conversation-name" className="truncate font-semibold">
              {chatName(t, chat)}
            </h2>
            <p className="truncate text-muted text-xs">
              <span role="status" data-testid="colleague-typing" className="text-accent">
                {typing}
              </span>
              {!typing && [number && formatNumber(number), people, session?.name].filter(Boolean).join(" · ")}
            </p>
          </div>
        </>
      )}
      {onPickDate && (
        <IconButton label={t("inbox:jump.title")} data-testid="jump-open" onClick={onPickDate} className="ml-auto">
          <CalendarSearch className="size-5" />
        </IconButton>
      )}
      {chat && group && (
        <IconButton
          label={t("inbox:group.title")}
          data-testid="group-open"
          onClick={() => setPanelOpen(true)}
          className={onPickDate ? "" : "ml-auto"}
        >
          <Users className="size-5" />
        </IconButton>
      )}
      {chat && group && isPanelOpen && <GroupPanel chat={chat} group={group} onClose={() => setPanelOpen(false)} />}
      {!isWide && (
        <div className={`${group || onPickDate ? "" : "ml-auto"} shrink-0`}>
          <ConnectionBadge isCompact />
        </div>
      )}
    </header>
  );
}
