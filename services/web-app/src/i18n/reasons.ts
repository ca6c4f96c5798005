import { SessionReason, WebhookFailure, type WebhookTry } from "@syszap/contracts";
import type { TFunction } from "i18next";

/** Why a session is in its state, as a sentence; a reason that a newer connector gave is shown as it came. */
export function describeReason(reason: string, t: TFunction): string {
  const known = SessionReason.safeParse(reason);
  return known.success ? t(`reason.${known.data}`) : reason;
}

/** Why something was not sent; what is no name of ours is shown as it came. */
export const describeSendFailure = (reason: string, t: TFunction): string =>
  t(`sending.failure.${reason}`, { defaultValue: reason });

/** Why an attempt to deliver failed; what another sender gave is shown in its English words. */
export function describeTryFailure({ reason, error, status }: WebhookTry, t: TFunction): string {
  const known = WebhookFailure.safeParse(reason);
  return known.success && known.data !== "other" ? t(`webhooks.failure.${known.data}`, { status }) : (error ?? "");
}
