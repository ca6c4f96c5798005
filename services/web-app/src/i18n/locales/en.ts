import checklist from "./en/checklist.json";
import clients from "./en/clients.json";
import connection from "./en/connection.json";
import deadLetters from "./en/dead-letters.json";
import inbox from "./en/inbox.json";
import message from "./en/message.json";
import nav from "./en/nav.json";
import notices from "./en/notices.json";
import pacing from "./en/pacing.json";
import sending from "./en/sending.json";
import sessionReason from "./en/session-reason.json";
import webhooks from "./en/webhooks.json";
import type { ptBr } from "./pt-br.ts";

/** English texts of the inbox, one JSON file per i18next namespace. Does not compile when a key of the Portuguese texts is missing. */
export const en = {
  checklist,
  clients,
  connection,
  "dead-letters": deadLetters,
  inbox,
  message,
  nav,
  notices,
  pacing,
  sending,
  "session-reason": sessionReason,
  webhooks,
} satisfies typeof ptBr;
