import { useRef, useState } from "react";
import { api } from "../../../page/api.ts";
import { playAlone } from "./playback.ts";

/** An error this soon after a new URL does not mean that the URL has expired. */
const freshUrlMs = 10_000;
/** A media URL expires with its access token, so the token must still be valid for a while. */
const tokenLifeMs = 5 * 60_000;

/**
 * A file's URL for a media player, requested when the user presses play. The player downloads the parts that it needs. When
 * the URL expires, a new one replaces it and playback continues at the same position.
 */
export function usePlayable(mediaId: string) {
  const player = useRef<HTMLMediaElement>(null);
  const [url, setUrl] = useState<string>();
  const [state, setState] = useState<"idle" | "loading" | "failed">("idle");
  const resumeAt = useRef({ seconds: 0, isPlaying: true });
  const requestedAtMs = useRef(Number.NEGATIVE_INFINITY);
  const load = async () => {
    requestedAtMs.current = performance.now();
    setState("loading");
    try {
      const link = await api.call("linkMedia", { params: { id: mediaId } }, { tokenLifeMs });
      setUrl(link.url);
      setState("idle");
    } catch {
      setState("failed");
    }
  };
  const onError = () => {
    const element = player.current;
    if (!element || performance.now() - requestedAtMs.current < freshUrlMs) return setState("failed");
    resumeAt.current = { seconds: element.currentTime, isPlaying: !element.paused };
    void load();
  };
  const onLoadedMetadata = () => {
    const { seconds, isPlaying } = resumeAt.current;
    if (!player.current) return;
    if (seconds > 0) player.current.currentTime = seconds;
    if (isPlaying) void player.current.play().catch(() => undefined); // some browsers require another click
  };
  const onPlay = () => {
    if (player.current) playAlone(player.current);
  };
  return { player, url, state, load, on: { onError, onLoadedMetadata, onPlay } };
}
