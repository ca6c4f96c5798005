import type { Message, MissingMedia } from "@syszap/contracts";
import { FileX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format.ts";
import { kindOf } from "../../live/wire.ts";

/** In place of a file that could not be kept: what it was, why it is not here, and where it can be opened. */
export function MissingFile({ missing, type }: { missing: MissingMedia; type: Message["type"] }) {
  const { t } = useTranslation();
  const { size } = useFormats();
  const name = missing.fileName ?? t(`kind.${kindOf(type)}`);
  const isTooLarge = missing.state === "too_large" && missing.limit !== null;
  return (
    <div data-testid="missing-file" className="flex w-64 max-w-full items-start gap-3 rounded-xl bg-sunken p-2.5">
      <FileX aria-hidden="true" className="size-8 shrink-0 text-muted" />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium text-sm">{name}</span>
        {missing.size !== null && <span className="block text-muted text-xs">{size(missing.size)}</span>}
        <span className="mt-1 block text-sm">
          {isTooLarge ? t("media.tooLarge", { limit: size(missing.limit ?? 0) }) : t("media.unavailable")}
        </span>
      </span>
    </div>
  );
}
