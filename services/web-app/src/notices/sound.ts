import { preferences } from "./preferences.ts";
import { claim } from "./tabs.ts";

let audio: AudioContext | undefined;
const minIntervalMs = 1_500;
/** A tab that was away for a while receives a message later than the others. */
const messageClaimMs = 10 * 60_000;
const maxClaims = 10;

/**
 * Plays the sound and vibrates for messages, in one tab of the browser: once for each message, and at most once per interval.
 * Browsers block both before the first click in a tab, so such a tab leaves them to the others.
 */
export async function signalMessages(ids: readonly string[]): Promise<void> {
  const { sound, vibration } = preferences.get();
  if ((!sound && !vibration) || navigator.userActivation?.hasBeenActive === false) return;
  if (!(await claim("signal", minIntervalMs)) || (await claimMessages("signal", ids)).length === 0) return;
  if (sound) playSound();
  if (vibration) navigator.vibrate?.([60, 40, 60]);
}

/**
 * The messages that no other tab has claimed for the same purpose. Of many messages, the newest stand for all, which bounds the number
 * of locks under load.
 */
export async function claimMessages(purpose: string, ids: readonly string[]): Promise<readonly string[]> {
  const newest = ids.slice(-maxClaims);
  const isMine = await Promise.all(newest.map((id) => claim(`${purpose}.${id}`, messageClaimMs)));
  return isMine.every(Boolean) ? ids : newest.filter((_, index) => isMine[index]);
}

/** Plays two soft tones. */
export function playSound(): void {
  if (typeof AudioContext === "undefined") return;
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
