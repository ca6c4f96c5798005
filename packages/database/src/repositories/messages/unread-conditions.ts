import { messageType } from "@syszap/contracts";

/** SQL condition that the message `alias` is a note of WhatsApp, which is never unread and never the last message of its chat. */
export const isNote = (alias: string): string =>
  `(${alias}.type = ${messageType.system} and coalesce(jsonb_exists(${alias}.content, 'note'), false))`;

/** SQL condition that the message `alias` counts as unread until it is read. */
export const countsAsUnread = (alias: string): string => `(${alias}.direction = 0 and not ${isNote(alias)})`;
