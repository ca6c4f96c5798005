import type { Location } from "@syszap/contracts";
import { ExternalLink, MapPin } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../../i18n/format.ts";
import { useHasPassed } from "./use-has-passed.ts";

/** Whether a live location is still shared, and when its position was reported. */
function LiveState({ location: { liveUntil, updatedAt } }: { location: Location }) {
  const { t } = useTranslation();
  const { clock } = useFormats();
  const hasEnded = useHasPassed(liveUntil);
  const until = liveUntil && t("message:content.liveLocationUntil", { time: clock(liveUntil) });
  return (
    <span data-testid="live-state" className={`block font-medium text-xs ${hasEnded ? "text-muted" : "text-accent"}`}>
      {hasEnded ? t("message:content.liveLocationEnded") : (until ?? t("message:content.liveLocationHint"))}
      {updatedAt && ` · ${t("message:content.liveLocationAt", { time: clock(updatedAt) })}`}
    </span>
  );
}

/** A location with a link to a map. The card loads nothing from a map server, because that would reveal the location. */
export function LocationCard({ location }: { location: Location }) {
  const { t } = useTranslation();
  const { latitude, longitude } = location;
  const coordinates = `${latitude.toFixed(5)}, ${longitude.toFixed(5)}`;
  return (
    <a
      href={`https://www.google.com/maps/search/?api=1&query=${latitude},${longitude}`}
      target="_blank"
      rel="noopener noreferrer"
      data-testid="place"
      className="block w-64 max-w-full overflow-hidden rounded-xl bg-sunken"
    >
      <span aria-hidden="true" className="map-paper grid h-24 place-items-center">
        <MapPin className="size-9 fill-danger/20 text-danger" />
      </span>
      <span className="block p-2.5">
        <span dir="auto" className="block font-medium text-sm [overflow-wrap:anywhere]">
          {location.name ?? t(location.isLive ? "message:content.liveLocation" : "message:kind.location")}
        </span>
        {location.isLive && <LiveState location={location} />}
        {location.address && (
          <span dir="auto" className="block text-muted text-xs [overflow-wrap:anywhere]">
            {location.address}
          </span>
        )}
        <span className="block text-muted text-xs tabular-nums">{coordinates}</span>
        <span className="mt-1 flex items-center gap-1.5 font-medium text-info text-sm">
          {t("message:content.openMap")} <ExternalLink aria-hidden="true" className="size-3.5" />
        </span>
      </span>
    </a>
  );
}
