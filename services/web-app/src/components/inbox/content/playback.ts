import { Store } from "../../../lib/store.ts";

const speeds = [1, 1.5, 2] as const;

/** The speed at which sounds are played. A choice applies to all of them. */
export const playbackSpeed = new Store<(typeof speeds)[number]>(1);

export const nextSpeed = (): void =>
  playbackSpeed.update((speed) => speeds[(speeds.indexOf(speed) + 1) % speeds.length] ?? 1);

let playing: HTMLMediaElement | undefined;

/** Pauses the sound or video that was playing before this one. */
export function playAlone(element: HTMLMediaElement): void {
  if (playing !== element) playing?.pause();
  playing = element;
}
