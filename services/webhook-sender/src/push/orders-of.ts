import { isInAudience, seesWholeCompany } from "@syszap/contracts";
import type { PushNotice, PushOrder, PushRecipient } from "@syszap/database";

/** Messages of more chats than this make one notice. */
const maxChats = 3;

/** One notice per chat and subscribed login, for recipients who see the chat and use no page (`isPresent`). */
export function ordersOf(
  notices: readonly PushNotice[],
  recipients: readonly PushRecipient[],
  isPresent: (recipient: PushRecipient, checkId: string) => boolean,
): PushOrder[] {
  return recipients.flatMap((recipient) => {
    const { companyId, userId, role } = recipient;
    const member = { userId, role, seesAll: seesWholeCompany(role), teams: new Set(recipient.teams) };
    const missed = notices.filter(
      (notice) =>
        notice.companyId === companyId &&
        isInAudience(notice.audience, member) &&
        !isPresent(recipient, notice.checkId),
    );
    return recipient.loginIds.flatMap((loginId) => grouped(missed).map((about) => ({ companyId, loginId, ...about })));
  });
}

function grouped(notices: readonly PushNotice[]): Pick<PushOrder, "chat" | "count">[] {
  const chats = new Map<string, { chat: { id: string; name: string }; count: number }>();
  for (const { chatId, name } of notices) {
    const count = (chats.get(chatId)?.count ?? 0) + 1;
    chats.set(chatId, { chat: { id: chatId, name }, count });
  }
  return chats.size > maxChats ? [{ chat: null, count: notices.length }] : [...chats.values()];
}
