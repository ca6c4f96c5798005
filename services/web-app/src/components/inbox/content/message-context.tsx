import type { Ad, MessageContext } from "@syszap/contracts";
import { Eye, Forward, Megaphone, Timer } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../../i18n/format.ts";
import { Card } from "./card.tsx";

/** What stands above the content: that it was forwarded, and the ad that began the chat. */
export function ContextAbove({ context }: { context: MessageContext }) {
  const { t } = useTranslation();
  const { forwarded, ad } = context;
  return (
    <>
      {forwarded && (
        <p className="mb-0.5 flex items-center gap-1 text-muted text-xs italic">
          <Forward aria-hidden="true" className="size-3.5" />
          {t(forwarded === "often" ? "message:context.forwardedOften" : "message:context.forwarded")}
        </p>
      )}
      {ad && <AdCard ad={ad} />}
    </>
  );
}

function AdCard({ ad }: { ad: Ad }) {
  const { t } = useTranslation();
  const href = ad.url && /^https?:\/\//i.test(ad.url) && URL.canParse(ad.url) ? ad.url : null;
  return (
    <Card testId="ad" icon={Megaphone} kind={t("message:context.ad")} title={ad.title}>
      {ad.description && (
        <p dir="auto" className="line-clamp-3 text-muted [overflow-wrap:anywhere]">
          {ad.description}
        </p>
      )}
      {href && (
        <a
          href={href}
          target="_blank"
          rel="noopener noreferrer nofollow"
          className="block truncate text-info underline underline-offset-2"
        >
          {href}
        </a>
      )}
    </Card>
  );
}

/** Stands for the content of a view-once message. */
export function ViewOnce() {
  const { t } = useTranslation();
  return (
    <p data-testid="view-once" className="flex items-center gap-1.5 text-muted italic">
      <Eye aria-hidden="true" className="size-4" />
      {t("message:context.viewOnce")}
    </p>
  );
}

/** Marks a disappearing message, beside its time. */
export function ExpiryMark({ expiresAt }: { expiresAt: string }) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const label = t("message:context.expires", { time: full(expiresAt) });
  return (
    <span role="img" aria-label={label} title={label} data-testid="expiry">
      <Timer aria-hidden="true" className="size-3" />
    </span>
  );
}
