import { companies } from "./001-companies.ts";
import { sessions } from "./002-sessions.ts";
import { conversations } from "./003-conversations.ts";
import { delivery } from "./004-delivery.ts";
import { search } from "./005-search.ts";
import { sessionHealth } from "./006-session-health.ts";
import { sessionProfiles } from "./007-session-profiles.ts";
import { missingMedia } from "./008-missing-media.ts";
import { phonePairing } from "./009-phone-pairing.ts";
import { wipedProfiles } from "./010-wiped-profiles.ts";
import { unknownPayloads } from "./011-unknown-payloads.ts";
import { operators } from "./012-operators.ts";
import { gapRecovery } from "./013-gap-recovery.ts";
import { pendingFacts } from "./014-pending-facts.ts";
import { identities } from "./015-identities.ts";
import { searchAtSize } from "./016-search-at-size.ts";
import { sending } from "./017-sending.ts";
import { pacing } from "./018-pacing.ts";
import { apiKeys } from "./019-api-keys.ts";
import { redrive } from "./020-redrive.ts";
import { media } from "./021-media.ts";
import { webhooks } from "./022-webhooks.ts";
import { eventLog } from "./023-event-log.ts";
import { webhookOrder } from "./024-webhook-order.ts";
import { uploadReservations } from "./025-upload-reservations.ts";
import { accounts } from "./026-accounts.ts";
import { teams } from "./027-teams.ts";
import { companyLifecycle } from "./028-company-lifecycle.ts";
import { secondFactor } from "./029-second-factor.ts";
import { markInBatches } from "./031-mark-in-batches.ts";
import { eventsForManagers } from "./032-events-for-managers.ts";
import { revocations } from "./036-revocations.ts";
import { messageContext } from "./037-message-context.ts";
import { recoveryProgress } from "./040-recovery-progress.ts";
import { readOrder } from "./041-read-order.ts";
import { clientEvidence } from "./042-client-evidence.ts";
import { clientMerges } from "./043-client-merges.ts";
import { groups } from "./045-groups.ts";
import { settingsVersion } from "./047-settings-version.ts";
import { sessionProxies } from "./048-session-proxies.ts";
import { forwards } from "./050-forwards.ts";
import { push } from "./051-push.ts";
import { statistics } from "./053-statistics.ts";
import { connectors } from "./055-connectors.ts";
import { backup } from "./062-backup.ts";
import { retention } from "./063-retention.ts";
import { retentionIndexes } from "./064-retention-indexes.ts";
import { clientErasures } from "./065-client-erasures.ts";
import { companyOfMessage } from "./068-company-of-message.ts";
import { timeOrderedIds } from "./072-time-ordered-ids.ts";
import type { Migration } from "./migration.ts";

/** Migrations in the order in which they run. Statements of a released migration must not change: add a new file instead. */
export const migrations: Record<string, Migration> = {
  "001-companies": companies,
  "002-sessions": sessions,
  "003-conversations": conversations,
  "004-delivery": delivery,
  "005-search": search,
  "006-session-health": sessionHealth,
  "007-session-profiles": sessionProfiles,
  "008-missing-media": missingMedia,
  "009-phone-pairing": phonePairing,
  "010-wiped-profiles": wipedProfiles,
  "011-unknown-payloads": unknownPayloads,
  "012-operators": operators,
  "013-gap-recovery": gapRecovery,
  "014-pending-facts": pendingFacts,
  "015-identities": identities,
  "016-search-at-size": searchAtSize,
  "017-sending": sending,
  "018-pacing": pacing,
  "019-api-keys": apiKeys,
  "020-redrive": redrive,
  "021-media": media,
  "022-webhooks": webhooks,
  "023-event-log": eventLog,
  "024-webhook-order": webhookOrder,
  "025-upload-reservations": uploadReservations,
  "026-accounts": accounts,
  "027-teams": teams,
  "028-company-lifecycle": companyLifecycle,
  "029-second-factor": secondFactor,
  "031-mark-in-batches": markInBatches,
  "032-events-for-managers": eventsForManagers,
  "036-revocations": revocations,
  "037-message-context": messageContext,
  "040-recovery-progress": recoveryProgress,
  "041-read-order": readOrder,
  "042-client-evidence": clientEvidence,
  "043-client-merges": clientMerges,
  "045-groups": groups,
  "047-settings-version": settingsVersion,
  "048-session-proxies": sessionProxies,
  "050-forwards": forwards,
  "051-push": push,
  "053-statistics": statistics,
  "055-connectors": connectors,
  "062-backup": backup,
  "063-retention": retention,
  "064-retention-indexes": retentionIndexes,
  "065-client-erasures": clientErasures,
  "068-company-of-message": companyOfMessage,
  "072-time-ordered-ids": timeOrderedIds,
};
