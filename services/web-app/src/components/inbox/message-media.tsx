import type { Message } from "@syszap/contracts";
import { type MessageKind, messageKindOf } from "@syszap/contracts/constants";
import { Download, FileText } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { mediaUrl, thumbnailUrl } from "../../api/endpoint-url.ts";
import { useFormats } from "../../i18n/format.ts";
import { useMedia } from "../../page/queries.ts";
import { useObjectUrl } from "../ui/authorised-image.tsx";
import { IconButton } from "../ui/button.tsx";
import { Modal } from "../ui/modal.tsx";
import { LoadFailure } from "./content/load-failure.tsx";
import { SoundPlayer, VideoPlayer } from "./content/player.tsx";

type Media = NonNullable<Message["media"]>;

/** The file of a message. Images have a fixed size, so that the page does not move when they are loaded. */
export function MessageMedia({ media, type }: { media: Media; type: Message["type"] }) {
  const kind = messageKindOf(type);
  if (!isShowable(media)) return <Document media={media} kind={kind} />;
  if (kind === "image" || kind === "sticker") return <Picture media={media} isSticker={kind === "sticker"} />;
  if (kind === "video") return <VideoPlayer media={media} />;
  if (kind === "audio" || kind === "voice") return <SoundPlayer media={media} isVoice={kind === "voice"} />;
  return <Document media={media} kind="document" />;
}

/** Types that no browser shows, such as Lottie stickers. They are offered as downloads. */
const hiddenImages = /^application\/(was|zip|octet-stream)/i;
/** Photos of some iPhones. Browsers show only the server's thumbnail of them, which is large. */
const convertedImages = /^image\/(heic|heif)/i;

/** Added to the name of a download without a name. */
const extensions = new Map([
  ["image/heic", ".heic"],
  ["application/was", ".was"],
]);

const isShowable = ({ mimeType }: Media) => !hiddenImages.test(mimeType);

function Picture({ media, isSticker }: { media: Media; isSticker: boolean }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const isConverted = convertedImages.test(media.mimeType);
  const thumbnail = useMedia(thumbnailUrl(media.id), !isSticker || isConverted);
  // The original is needed for animated stickers and for formats that the server can't scale.
  const original = useMedia(mediaUrl(media.id), !isConverted && (isSticker || isOpen || thumbnail.isError));
  const url = useObjectUrl(thumbnail.data ?? original.data);
  const originalUrl = useObjectUrl(original.data);
  const box = isSticker ? "size-36" : "h-52 w-64 max-w-full";
  if (isConverted && thumbnail.isError) return <Document media={media} kind="image" />;
  if (original.isError && !thumbnail.data) return <LoadFailure />;
  if (!url)
    return (
      <div
        role="status"
        aria-label={t("message:file.loading")}
        className={`animate-pulse rounded-xl bg-sunken ${box}`}
      />
    );
  return (
    <>
      <button
        type="button"
        onClick={() => setOpen(true)}
        aria-label={t("message:file.open")}
        className="block max-w-full"
      >
        <img
          src={url}
          alt={media.fileName ?? t("message:kind.image")}
          className={`rounded-xl ${isSticker ? "object-contain" : "object-cover"} ${box}`}
        />
      </button>
      {isOpen && (
        <Modal title={media.fileName ?? t("message:kind.image")} onClose={() => setOpen(false)} className="max-w-4xl">
          <img
            src={originalUrl ?? url}
            alt={media.fileName ?? t("message:kind.image")}
            className="mx-auto max-h-[75vh] rounded-lg object-contain"
          />
        </Modal>
      )}
    </>
  );
}

function Document({ media, kind }: { media: Media; kind: MessageKind }) {
  const { t } = useTranslation();
  const { size } = useFormats();
  const [isWanted, setWanted] = useState(false);
  const { data, isError } = useMedia(mediaUrl(media.id), isWanted);
  const url = useObjectUrl(data);
  const name = media.fileName ?? `${t(`message:kind.${kind}`)}${extensions.get(media.mimeType) ?? ""}`;
  if (isError) return <LoadFailure />;
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
