import type { Message } from "@syszap/contracts";
import { LoaderCircle, Play } from "lucide-react";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../../i18n/format.ts";
import { LoadFailure } from "./load-failure.tsx";
import { usePlayable } from "./use-playable.ts";

type Media = NonNullable<Message["media"]>;

/** A video. Nothing is downloaded before the user presses play, and then only the parts that are played. */
export function VideoPlayer({ media, className = "h-52 w-72" }: { media: Media; className?: string }) {
  const { t } = useTranslation();
  const { size } = useFormats();
  const { player, url, state, load, on } = usePlayable(media.id);
  const box = `max-w-full rounded-xl bg-black ${className}`;
  if (state === "failed") return <LoadFailure onRetry={() => void load()} />;
  if (url)
    return (
      <video
        {...on}
        ref={player as RefObject<HTMLVideoElement | null>}
        src={url}
        controls
        data-testid="video"
        aria-label={t("message:kind.video")}
        className={box}
      />
    );
  return (
    <button
      type="button"
      aria-label={t("message:content.playVideo")}
      onClick={() => void load()}
      className={`grid place-items-center text-white ${box}`}
    >
      <span className="grid justify-items-center gap-2">
        <span className="grid size-14 place-items-center rounded-full bg-white/20">
          {state === "loading" ? <LoaderCircle className="size-7 animate-spin" /> : <Play className="size-7" />}
        </span>
        <span className="text-xs">{size(media.size)}</span>
      </span>
    </button>
  );
}
