import { defineEvent } from "../define-event.ts";
import { Timestamp } from "../vocabulary.ts";

/**
 * The rights of the audience (role, teams, account, or a setting that decides the reach) changed with this transaction. The audience
 * is one user, or roles. A gateway does not deliver the event: it closes the sockets of the audience with 4401, in the order of the
 * log. Cursors and tickets from before the event are refused.
 */
export const accessChanged = defineEvent("access_changed", { timestamp: Timestamp });
