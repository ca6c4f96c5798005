import { useRef, useState } from "react";
import { api } from "../../../page/websocket-service.ts";

/** Sooner than this after a new address, a failure is not the address's age. */
const youngMs = 10_000;

/**
 * A file's address for a player, asked for when somebody wants to hear or see it. The player fetches the parts that it needs;
 * when the address ends in between, another one takes its place and playing goes on where it was.
 */
export function usePlayable(mediaId: string) {
  const player = useRef<HTMLMediaElement>(null);
  const [url, setUrl] = useState<string>();
  const [state, setState] = useState<"idle" | "loading" | "failed">("idle");
  const goOnAt = useRef({ seconds: 0, isPlaying: true });
  const askedAtMs = useRef(Number.NEGATIVE_INFINITY);
  const load = async () => {
    askedAtMs.current = performance.now();
    setState("loading");
    try {
      const link = await api.mediaLink(mediaId);
      setUrl(link.url);
      setState("idle");
    } catch {
      setState("failed");
    }
  };
  const onError = () => {
    const element = player.current;
    if (!element || performance.now() - askedAtMs.current < youngMs) return setState("failed");
    goOnAt.current = { seconds: element.currentTime, isPlaying: !element.paused };
    void load();
  };
  const onLoadedMetadata = () => {
    const { seconds, isPlaying } = goOnAt.current;
    if (!player.current) return;
    if (seconds > 0) player.current.currentTime = seconds;
    if (isPlaying) void player.current.play().catch(() => undefined); // a browser may want another click
  };
  return { player, url, state, load, on: { onError, onLoadedMetadata } };
}
