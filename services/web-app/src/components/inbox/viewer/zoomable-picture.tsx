import { useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { mediaUrl, thumbnailUrl } from "../../../api/endpoint-url.ts";
import { retryFailing } from "../../../live/retry-failing.ts";
import { useMedia } from "../../../page/queries.ts";
import { useObjectUrl } from "../../ui/picture/use-object-url.ts";
import { Loading, troubleOf } from "../../ui/states.tsx";
import { LoadFailure } from "../content/load-failure.tsx";
import { isConverted, type Media } from "./shown-media.ts";
import type { useZoom } from "./use-zoom.ts";

/** A photo in its original size, or its thumbnail until that is loaded. A double click magnifies it. */
export function ZoomablePicture({ media, zoom }: { media: Media; zoom: ReturnType<typeof useZoom> }) {
  const { t } = useTranslation();
  const thumbnail = useMedia(thumbnailUrl(media.id));
  const original = useMedia(mediaUrl(media.id), !isConverted(media));
  const url = useObjectUrl(original.data ?? thumbnail.data);
  const cache = useQueryClient();
  const { scale } = zoom;
  if (!url && troubleOf(isConverted(media) ? thumbnail : original))
    return <LoadFailure onRetry={() => void retryFailing(cache)} />;
  if (!url) return <Loading className="p-10" />;
  return (
    <img
      src={url}
      alt={media.fileName ?? t("message:kind.image")}
      draggable={false}
      onDoubleClick={zoom.toggle}
      className={`object-contain ${scale > 1 ? "max-w-none cursor-grab active:cursor-grabbing" : "max-h-full max-w-full cursor-zoom-in"}`}
      style={scale > 1 ? { width: `${scale * 100}%` } : undefined}
      {...(scale > 1 && zoom.drag)}
    />
  );
}
