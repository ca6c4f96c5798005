import type { WebhookAttempt } from "@syszap/contracts";
import i18next, { type TFunction } from "i18next";
import type { ptBr } from "./locales/pt-br.ts";

type Texts = typeof ptBr;

const textsOf = <Namespace extends keyof Texts>(namespace: Namespace): Texts[Namespace] =>
  i18next.getResourceBundle(i18next.language, namespace);

/** True if a text exists for the key. */
export const isKeyOf = <Texts extends object>(texts: Texts, key: PropertyKey): key is keyof Texts =>
  Object.hasOwn(texts, key);

/** Explains a session's state. A reason without a translation (from a newer connector) is shown unchanged. */
export const describeReason = (reason: string, t: TFunction): string =>
  isKeyOf(textsOf("session-reason"), reason) ? t(`session-reason:${reason}`) : reason;

/** Explains why a message was not sent. A reason without a translation is shown unchanged. */
export const describeSendFailure = (reason: string, t: TFunction): string =>
  isKeyOf(textsOf("sending").failure, reason) ? t(`sending:failure.${reason}`) : reason;

/** Explains a failed webhook attempt. Without a translated reason, the sender's English error text is shown. */
export const describeTryFailure = ({ reason, error, status }: WebhookAttempt, t: TFunction): string =>
  reason && isKeyOf(textsOf("webhooks").failure, reason) ? t(`webhooks:failure.${reason}`, { status }) : (error ?? "");

/** Names the kind of a dead letter's job. */
export const describeJob = (jobName: string, t: TFunction): string =>
  t(`dead-letters:kinds.${isKeyOf(textsOf("dead-letters").kinds, jobName) ? jobName : "unknown"}`);
