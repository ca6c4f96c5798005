import { preferences } from "./preferences.ts";

let audio: AudioContext | undefined;
const quietMs = 1_500;
let lastAt = 0;

/** Two soft tones; never more than one pair at a time, however many messages come. */
export function playNotice(): void {
  if (!preferences.get().sound || Date.now() - lastAt < quietMs || typeof AudioContext === "undefined") return;
  // Before the first click browsers refuse sound, and log that they did.
  if (navigator.userActivation?.hasBeenActive === false) return;
  lastAt = Date.now();
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
  // Before the first touch browsers refuse it, and log that they did.
  if (preferences.get().vibration && navigator.userActivation?.hasBeenActive) navigator.vibrate?.([60, 40, 60]);
}
