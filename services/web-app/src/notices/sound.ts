import { preferences } from "./preferences.ts";

let audio: AudioContext | undefined;
const minIntervalMs = 1_500;
let lastPlayedAt = 0;

/** Plays two soft tones, at most once per interval. */
export function playNotice(): void {
  if (!preferences.get().sound || Date.now() - lastPlayedAt < minIntervalMs || typeof AudioContext === "undefined")
    return;
  // Browsers block sound before the first click and log a warning.
  if (navigator.userActivation?.hasBeenActive === false) return;
  lastPlayedAt = Date.now();
  audio ??= new AudioContext();
  void audio.resume().catch(() => undefined);
  tone(audio, 740, 0);
  tone(audio, 988, 0.12);
}

function tone(context: AudioContext, frequency: number, delaySeconds: number): void {
  const startsAt = context.currentTime + delaySeconds;
  const oscillator = new OscillatorNode(context, { frequency, type: "sine" });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.linearRampToValueAtTime(0.12, startsAt + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, startsAt + 0.28);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(startsAt);
  oscillator.stop(startsAt + 0.3);
}

export function vibrate(): void {
  // Browsers block vibration before the first touch and log a warning.
  if (preferences.get().vibration && navigator.userActivation?.hasBeenActive) navigator.vibrate?.([60, 40, 60]);
}
