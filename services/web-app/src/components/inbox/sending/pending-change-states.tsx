import { useTranslation } from "react-i18next";
import { describeError } from "../../../i18n/errors.ts";
import { describeSendFailure } from "../../../i18n/reasons.ts";
import { useStore } from "../../../lib/store.ts";
import type { PendingChange } from "../../../live/pending-changes.ts";
import { pendingChanges } from "../../../page/state.ts";

/** The changes of a message that were requested on this page: pending or failed. */
export function PendingChangeStates({ messageId }: { messageId: string }) {
  return useStore(pendingChanges.store)
    .filter((pending) => pending.messageId === messageId)
    .map((pending) => <PendingChangeState key={pending.key} pending={pending} />);
}

function PendingChangeState({ pending }: { pending: PendingChange }) {
  const { t } = useTranslation();
  const { change, body, failure } = pending;
  if (failure === undefined) {
    const name = change === "reaction" && body === "" ? "unreaction" : change;
    return (
      <p role="status" data-testid="change-pending" className="mt-1 text-muted text-xs">
        {t(`sending:pending.${name}`, { emoji: body })}
      </p>
    );
  }
  const reason = typeof failure === "string" ? describeSendFailure(failure, t) : describeError(failure, t);
  return (
    <p role="alert" className="mt-1 flex max-w-[85%] flex-wrap items-center justify-end gap-x-3 text-danger text-xs">
      <span>{reason === "" ? t(`sending:failed.${change}`) : `${t(`sending:failed.${change}`)}: ${reason}`}</span>
      <button type="button" className="font-semibold underline" onClick={() => pendingChanges.retry(pending)}>
        {t("common:retry")}
      </button>
      <button type="button" className="underline" onClick={() => pendingChanges.discard(pending.key)}>
        {t("inbox:discard")}
      </button>
    </p>
  );
}
