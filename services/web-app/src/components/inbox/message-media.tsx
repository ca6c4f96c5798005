import type { Message } from "@syszap/contracts";
import { type MessageKind, messageKindOf } from "@syszap/contracts/constants";
import { useQueryClient } from "@tanstack/react-query";
import { Download, FileText } from "lucide-react";
import { use, useState } from "react";
import { useTranslation } from "react-i18next";
import { mediaUrl, thumbnailUrl } from "../../api/endpoint-url.ts";
import { useFormats } from "../../i18n/format.ts";
import { retryFailing } from "../../live/retry-failing.ts";
import { useMedia } from "../../page/queries.ts";
import { IconButton } from "../ui/button.tsx";
import { useObjectUrl } from "../ui/picture/use-object-url.ts";
import { troubleOf } from "../ui/states.tsx";
import { LoadFailure } from "./content/load-failure.tsx";
import { SoundPlayer } from "./content/sound-player.tsx";
import { VideoPlayer } from "./content/video-player.tsx";
import { isConverted, isShowable, type Media } from "./viewer/shown-media.ts";
import { ViewerContext } from "./viewer/viewer-context.ts";

interface MessageMediaProps {
  messageId: string;
  media: Media;
  type: Message["type"];
}

/** The file of a message. Images have a fixed size, so that the page does not move when they are loaded. */
export function MessageMedia({ messageId, media, type }: MessageMediaProps) {
  const kind = messageKindOf(type);
  if (!isShowable(media)) return <Document media={media} kind={kind} />;
  if (kind === "image" || kind === "sticker")
    return <Picture messageId={messageId} media={media} isSticker={kind === "sticker"} />;
  if (kind === "video") return <VideoPlayer media={media} />;
  if (kind === "audio" || kind === "voice") return <SoundPlayer media={media} isVoice={kind === "voice"} />;
  return <Document media={media} kind="document" />;
}

/** Added to the name of a download without a name. */
const extensions = new Map([
  ["image/heic", ".heic"],
  ["application/was", ".was"],
]);

interface PictureProps {
  messageId: string;
  media: Media;
  isSticker: boolean;
}

function Picture({ messageId, media, isSticker }: PictureProps) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const view = use(ViewerContext);
  const thumbnail = useMedia(thumbnailUrl(media.id), !isSticker || isConverted(media));
  // The original is needed for animated stickers and for formats that the server can't scale.
  const original = useMedia(mediaUrl(media.id), !isConverted(media) && (isSticker || thumbnail.isError));
  const url = useObjectUrl(thumbnail.data ?? original.data);
  const box = isSticker ? "size-36" : "h-52 w-64 max-w-full";
  if (isConverted(media) && thumbnail.isError) return <Document media={media} kind="image" />;
  const loading = isSticker || (thumbnail.isError && !isConverted(media)) ? original : thumbnail;
  if (!url && troubleOf(loading)) return <LoadFailure onRetry={() => void retryFailing(cache)} />;
  if (!url)
    return (
      <div
        role="status"
        aria-label={t("message:file.loading")}
        className={`animate-pulse rounded-xl bg-sunken ${box}`}
      />
    );
  const picture = (
    <img
      src={url}
      alt={media.fileName ?? t(isSticker ? "message:kind.sticker" : "message:kind.image")}
      className={`rounded-xl ${isSticker ? "object-contain" : "object-cover"} ${box}`}
    />
  );
  if (isSticker) return picture;
  return (
    <button
      type="button"
      onClick={() => view?.(messageId)}
      aria-label={t("message:file.open")}
      className="block max-w-full"
    >
      {picture}
    </button>
  );
}

function Document({ media, kind }: { media: Media; kind: MessageKind }) {
  const { t } = useTranslation();
  const { size } = useFormats();
  const [isWanted, setWanted] = useState(false);
  const cache = useQueryClient();
  const query = useMedia(mediaUrl(media.id), isWanted);
  const url = useObjectUrl(query.data);
  const name = media.fileName ?? `${t(`message:kind.${kind}`)}${extensions.get(media.mimeType) ?? ""}`;
  if (!url && troubleOf(query)) return <LoadFailure onRetry={() => void retryFailing(cache)} />;
  return (
    <div className="flex w-64 max-w-full items-center gap-3 rounded-xl bg-sunken p-2.5">
      <FileText aria-hidden="true" className="size-8 shrink-0 text-accent" />
      <span className="min-w-0 flex-1">
        <span className="block truncate font-medium text-sm">{name}</span>
        <span className="block text-muted text-xs">{size(media.size)}</span>
      </span>
      {url ? (
        <a href={url} download={name} className="text-accent text-sm underline" ref={(link) => link?.focus()}>
          {t("message:file.download")}
        </a>
      ) : (
        <IconButton label={t("message:file.download")} onClick={() => setWanted(true)} aria-busy={isWanted}>
          <Download className="size-5" />
        </IconButton>
      )}
    </div>
  );
}
