import type { Message, MissingMedia } from "@syszap/contracts";
import { messageKindOf } from "@syszap/contracts/constants";
import { FileX, LoaderCircle } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { describeError } from "../../i18n/errors.ts";
import { useFormats } from "../../i18n/format.ts";
import { api } from "../../page/api.ts";

/** Shown instead of a missing file: its name, the reason and, if it was unavailable, a button to try again. */
export function MissingFile({ message, missing }: { message: Message; missing: MissingMedia }) {
  const { t } = useTranslation();
  const { size } = useFormats();
  const name = missing.fileName ?? t(`message:kind.${messageKindOf(message.type)}`);
  const isPending = missing.state === "pending";
  const explanation =
    missing.state === "too_large" && missing.limit !== null
      ? t("message:file.tooLarge", { limit: size(missing.limit) })
      : t(`message:file.${missing.state === "too_large" ? "unavailable" : missing.state}`);
  const Icon = isPending ? LoaderCircle : FileX;
  return (
    <div
      data-testid="missing-file"
      data-state={missing.state}
      className="flex w-64 max-w-full items-start gap-3 rounded-xl bg-sunken p-2.5"
    >
      <Icon aria-hidden="true" className={`size-8 shrink-0 text-muted ${isPending ? "animate-spin" : ""}`} />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium text-sm">{name}</span>
        {missing.size !== null && <span className="block text-muted text-xs">{size(missing.size)}</span>}
        <span role={isPending ? "status" : undefined} className="mt-1 block text-sm">
          {explanation}
        </span>
        {missing.state === "unavailable" && <RetryButton messageId={message.id} />}
      </span>
    </div>
  );
}

/** Requests the file again. The outcome arrives as an event. */
function RetryButton({ messageId }: { messageId: string }) {
  const { t } = useTranslation();
  const [isBusy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string>();
  const retry = async () => {
    setBusy(true);
    setFailure(undefined);
    try {
      await api.call("retryMessageMedia", { params: { id: messageId } });
    } catch (error) {
      setFailure(describeError(error, t));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <button
        type="button"
        disabled={isBusy}
        onClick={() => void retry()}
        className="mt-1 font-semibold text-info text-sm underline disabled:opacity-60"
      >
        {t("common:retry")}
      </button>
      {failure && (
        <span role="alert" className="block text-danger text-xs">
          {failure}
        </span>
      )}
    </>
  );
}
