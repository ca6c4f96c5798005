import type { Message } from "@syszap/contracts";
import { LoaderCircle, Mic, Music, Pause, Play } from "lucide-react";
import { type RefObject, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../../i18n/format.ts";
import { LoadFailure } from "./load-failure.tsx";
import { usePlayable } from "./use-playable.ts";

type Media = NonNullable<Message["media"]>;
const speeds = [1, 1.5, 2] as const;

/** A video. Nothing is downloaded before the user presses play, and then only the parts that are played. */
export function VideoPlayer({ media }: { media: Media }) {
  const { t } = useTranslation();
  const { size } = useFormats();
  const { player, url, state, load, on } = usePlayable(media.id);
  const box = "h-52 w-72 max-w-full rounded-xl bg-black";
  if (state === "failed") return <LoadFailure />;
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

/** A voice message or an audio file, with play button, position and speed. */
export function SoundPlayer({ media, isVoice }: { media: Media; isVoice: boolean }) {
  const { t } = useTranslation();
  const { player, url, state, load, on } = usePlayable(media.id);
  const [isPlaying, setPlaying] = useState(false);
  const [position, setPosition] = useState({ seconds: 0, duration: 0 });
  const [speed, setSpeed] = useState<(typeof speeds)[number]>(1);
  if (state === "failed") return <LoadFailure />;
  const updatePosition = () => {
    const { currentTime = 0, duration = 0 } = player.current ?? {};
    setPosition({ seconds: currentTime, duration: Number.isFinite(duration) ? duration : 0 });
  };
  const toggle = () => {
    if (!url) void load();
    else if (isPlaying) player.current?.pause();
    else void player.current?.play();
  };
  const nextSpeed = () => {
    const next = speeds[(speeds.indexOf(speed) + 1) % speeds.length] ?? 1;
    if (player.current) player.current.playbackRate = next;
    setSpeed(next);
  };
  const Kind = isVoice ? Mic : Music;
  return (
    <div data-testid="sound" className="flex w-72 max-w-full items-center gap-2.5 py-1">
      <Kind aria-hidden="true" className="size-5 shrink-0 text-accent" />
      <button
        type="button"
        aria-label={t(isPlaying ? "message:content.pause" : "message:content.play")}
        onClick={toggle}
        className="grid size-9 shrink-0 place-items-center rounded-full bg-accent text-on-accent"
      >
        {state === "loading" && <LoaderCircle className="size-5 animate-spin" />}
        {state !== "loading" && (isPlaying ? <Pause className="size-5" /> : <Play className="size-5" />)}
      </button>
      <span className="min-w-0 flex-1">
        <input
          type="range"
          min={0}
          max={position.duration || 1}
          step="any"
          value={position.seconds}
          disabled={position.duration === 0}
          aria-label={t("message:content.position")}
          onChange={({ target }) => {
            if (player.current) player.current.currentTime = Number(target.value);
            updatePosition();
          }}
          className="block w-full accent-accent"
        />
        <span className="flex justify-between text-[0.6875rem] text-muted tabular-nums leading-4">
          <span>{clockOf(position.seconds)}</span>
          <span>
            {position.duration > 0
              ? clockOf(position.duration)
              : t(isVoice ? "message:kind.voice" : "message:kind.audio")}
          </span>
        </span>
      </span>
      <button
        type="button"
        aria-label={t("message:content.speed")}
        onClick={nextSpeed}
        className="w-9 shrink-0 rounded-full bg-sunken py-0.5 text-center font-semibold text-xs"
      >
        {`${speed}×`}
      </button>
      {url && (
        // biome-ignore lint/a11y/useMediaCaption: media from clients has no captions
        <audio
          ref={player as RefObject<HTMLAudioElement | null>}
          src={url}
          preload="metadata"
          onError={on.onError}
          onLoadedMetadata={() => {
            if (player.current) player.current.playbackRate = speed;
            on.onLoadedMetadata();
            updatePosition();
          }}
          onPlay={() => setPlaying(true)}
          onPause={() => setPlaying(false)}
          onTimeUpdate={updatePosition}
          onDurationChange={updatePosition}
          onEnded={() => setPlaying(false)}
        />
      )}
    </div>
  );
}

function clockOf(seconds: number): string {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}
