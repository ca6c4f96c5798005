import { messageKindOf } from "@syszap/contracts/constants";
import { ChevronLeft, ChevronRight, Download, X, ZoomIn, ZoomOut } from "lucide-react";
import { type KeyboardEvent, type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { mediaUrl } from "../../../api/endpoint-url.ts";
import { describeError } from "../../../i18n/errors.ts";
import { useFormats } from "../../../i18n/format.ts";
import { saveFile } from "../../../lib/save-file.ts";
import { api } from "../../../page/api.ts";
import { RichText } from "../../ui/rich-text/rich-text.tsx";
import { useModal } from "../../ui/use-modal.ts";
import { useAuthor } from "../authors/use-author.ts";
import { VideoPlayer } from "../content/video-player.tsx";
import type { MediaMessage } from "./shown-media.ts";
import { useViewedMedia } from "./use-viewed-media.ts";
import { useZoom } from "./use-zoom.ts";
import { ZoomablePicture } from "./zoomable-picture.tsx";

interface MediaViewerProps {
  chatId: string;
  messageId: string;
  onShow: (messageId: string) => void;
  onClose: () => void;
}

/** The photos and videos of a chat, one at a time, over the whole page. Arrow keys, +, − and 0 work like the buttons. */
export function MediaViewer({ chatId, messageId, onShow, onClose }: MediaViewerProps) {
  const { t } = useTranslation();
  const dialog = useRef<HTMLDialogElement>(null);
  const { shown, position, count, isLoading, previous, next } = useViewedMedia(chatId, messageId, onShow);
  const zoom = useZoom();
  const { reset } = zoom;
  useModal(dialog);
  // Another picture starts unmagnified.
  useEffect(reset, [messageId]);
  // The message was deleted while it was shown.
  useEffect(() => {
    if (!shown) onClose();
  }, [shown, onClose]);
  if (!shown) return null;
  const isPicture = messageKindOf(shown.type) === "image";
  const onKeyDown = (event: KeyboardEvent) => {
    // The player of a video uses the same keys.
    if (event.target instanceof HTMLMediaElement) return;
    const isZoomed = zoom.scale > 1;
    const actions: Record<string, (() => void) | undefined> = {
      ArrowLeft: isZoomed ? () => zoom.pan(-80, 0) : previous,
      ArrowRight: isZoomed ? () => zoom.pan(80, 0) : next,
      ArrowUp: () => zoom.pan(0, -80),
      ArrowDown: () => zoom.pan(0, 80),
      "+": zoom.zoomIn,
      "=": zoom.zoomIn,
      "-": zoom.zoomOut,
      "0": zoom.reset,
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
  return (
    <dialog
      ref={dialog}
      data-testid="media-viewer"
      aria-label={t("message:viewer.title")}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onKeyDown={onKeyDown}
      className="m-0 h-dvh max-h-none w-screen max-w-none bg-black p-0 text-white"
    >
      <div className="flex h-full flex-col">
        <header className="flex flex-wrap items-center gap-x-1 px-3 py-1.5">
          <Caption message={shown} />
          <span role="status" className="px-2 text-sm tabular-nums">
            {t("message:viewer.position", { position, count })}
          </span>
          {isPicture && (
            <>
              <ViewerButton label={t("message:viewer.zoomOut")} isDisabled={zoom.scale === 1} onClick={zoom.zoomOut}>
                <ZoomOut className="size-5" />
              </ViewerButton>
              <ViewerButton label={t("message:viewer.zoomIn")} onClick={zoom.zoomIn}>
                <ZoomIn className="size-5" />
              </ViewerButton>
            </>
          )}
          <DownloadButton message={shown} />
          <ViewerButton label={t("common:close")} onClick={onClose}>
            <X className="size-5" />
          </ViewerButton>
        </header>
        <div className="relative min-h-0 flex-1">
          <div
            ref={zoom.box}
            // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area must be reachable by keyboard
            tabIndex={0}
            className="grid size-full grid-rows-[minmax(0,1fr)] items-center-safe justify-items-center-safe overflow-auto focus-visible:outline-offset-[-2px]"
          >
            {isPicture ? (
              <ZoomablePicture key={shown.id} media={shown.media} zoom={zoom} />
            ) : (
              <VideoPlayer key={shown.id} media={shown.media} className="h-[min(70dvh,40rem)] w-[min(100vw,64rem)]" />
            )}
          </div>
          <ViewerButton
            label={t("message:viewer.previous")}
            isDisabled={!previous || isLoading}
            onClick={previous}
            className="absolute top-1/2 left-1 -translate-y-1/2 bg-black/60"
          >
            <ChevronLeft className="size-6" />
          </ViewerButton>
          <ViewerButton
            label={t("message:viewer.next")}
            isDisabled={!next}
            onClick={next}
            className="absolute top-1/2 right-1 -translate-y-1/2 bg-black/60"
          >
            <ChevronRight className="size-6" />
          </ViewerButton>
        </div>
        {shown.body !== "" && (
          <p dir="auto" className="max-h-24 overflow-y-auto whitespace-pre-wrap px-4 py-2 text-center text-sm">
            <RichText text={shown.body} />
          </p>
        )}
      </div>
    </dialog>
  );
}

function Caption({ message }: { message: MediaMessage }) {
  const { full } = useFormats();
  const { name } = useAuthor(message);
  return (
    <p className="min-w-0 flex-1 truncate text-sm">
      <span dir="auto" className="font-semibold first-letter:uppercase">
        {name}
      </span>{" "}
      <time dateTime={message.timestamp} className="text-white/80">
        {full(message.timestamp)}
      </time>
    </p>
  );
}

function DownloadButton({ message: { media } }: { message: MediaMessage }) {
  const { t } = useTranslation();
  const download = async () => {
    try {
      saveFile(await api.download(mediaUrl(media.id)), media.fileName ?? `sysZap-${media.id.slice(0, 8)}`);
    } catch (error) {
      toast.error(describeError(error, t));
    }
  };
  return (
    <ViewerButton label={t("message:file.download")} onClick={() => void download()}>
      <Download className="size-5" />
    </ViewerButton>
  );
}

interface ViewerButtonProps {
  label: string;
  isDisabled?: boolean;
  className?: string;
  onClick: (() => void) | undefined;
  children: ReactNode;
}

function ViewerButton({ label, isDisabled = false, className = "", onClick, children }: ViewerButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      disabled={isDisabled}
      onClick={onClick}
      className={`inline-grid size-11 shrink-0 place-items-center rounded-full hover:bg-white/20 focus-visible:outline-white disabled:opacity-40 ${className}`}
    >
      {children}
    </button>
  );
}
