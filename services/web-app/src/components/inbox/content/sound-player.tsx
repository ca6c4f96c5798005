import type { Message } from "@syszap/contracts";
import { LoaderCircle, Mic, Music, Pause, Play } from "lucide-react";
import { type KeyboardEvent, type RefObject, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { clockOf } from "../../../lib/clock-of.ts";
import { useStore } from "../../../lib/store.ts";
import { LoadFailure } from "./load-failure.tsx";
import { nextSpeed, playbackSpeed } from "./playback.ts";
import { usePlayable } from "./use-playable.ts";
import { useWaveform } from "./use-waveform.ts";
import { Waveform } from "./waveform.tsx";

const seekSeconds = 5;

interface SoundPlayerProps {
  media: NonNullable<Message["media"]>;
  isVoice: boolean;
}

/** A voice message or an audio file, with play button, waveform, position and speed. */
export function SoundPlayer({ media, isVoice }: SoundPlayerProps) {
  const { t } = useTranslation();
  const { player, url, state, load, on } = usePlayable(media.id);
  const levels = useWaveform(media, url !== undefined);
  const [isPlaying, setPlaying] = useState(false);
  const [position, setPosition] = useState({ seconds: 0, duration: 0 });
  const speed = useStore(playbackSpeed);
  useEffect(() => {
    if (player.current) player.current.playbackRate = speed;
  }, [player, speed]);
  if (state === "failed") return <LoadFailure onRetry={() => void load()} />;
  const updatePosition = () => {
    const { currentTime = 0, duration = 0 } = player.current ?? {};
    setPosition({ seconds: currentTime, duration: Number.isFinite(duration) ? duration : 0 });
  };
  const seek = (seconds: number) => {
    if (player.current) player.current.currentTime = Math.min(position.duration, Math.max(0, seconds));
    updatePosition();
  };
  const toggle = () => {
    if (!url) void load();
    else if (isPlaying) player.current?.pause();
    else void player.current?.play();
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
        <Position {...position} levels={levels} onSeek={seek} />
        <span className="flex justify-between gap-2 text-[0.6875rem] text-muted tabular-nums leading-4">
          <span>{clockOf(position.seconds)}</span>
          <span className="truncate">
            {position.duration > 0
              ? clockOf(position.duration)
              : t(isVoice ? "message:kind.voice" : "message:kind.audio")}
          </span>
        </span>
      </span>
      <button
        type="button"
        aria-label={`${t("message:content.speed")}: ${speed}×`}
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
          onPlay={() => {
            on.onPlay();
            setPlaying(true);
          }}
          onPause={() => setPlaying(false)}
          onTimeUpdate={updatePosition}
          onDurationChange={updatePosition}
          onEnded={() => setPlaying(false)}
        />
      )}
    </div>
  );
}

interface PositionProps {
  seconds: number;
  duration: number;
  /** Absent until the sound was decoded. */
  levels: readonly number[] | undefined;
  onSeek: (seconds: number) => void;
}

/** The slider of a sound, over its waveform. Arrow keys move by some seconds. */
function Position({ seconds, duration, levels, onSeek }: PositionProps) {
  const { t } = useTranslation();
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowRight: seekSeconds,
      ArrowUp: seekSeconds,
      ArrowLeft: -seekSeconds,
      ArrowDown: -seekSeconds,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    onSeek(seconds + step);
  };
  return (
    <span className="relative block h-6 rounded has-focus-visible:outline-2 has-focus-visible:outline-accent">
      {levels && (
        <Waveform levels={levels} played={duration > 0 ? seconds / duration : 0} className="absolute inset-0" />
      )}
      <input
        type="range"
        min={0}
        max={duration || 1}
        step="any"
        value={seconds}
        disabled={duration === 0}
        aria-label={t("message:content.position")}
        aria-valuetext={`${clockOf(seconds)} / ${clockOf(duration)}`}
        onChange={({ target }) => onSeek(Number(target.value))}
        onKeyDown={onKeyDown}
        className={`absolute inset-0 m-0 block w-full accent-accent outline-none ${levels ? "cursor-pointer opacity-0" : ""}`}
      />
    </span>
  );
}
