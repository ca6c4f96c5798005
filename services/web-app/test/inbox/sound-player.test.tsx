import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { playbackSpeed } from "../../src/components/inbox/content/playback.ts";
import { SoundPlayer } from "../../src/components/inbox/content/sound-player.tsx";
import { loudnessOf } from "../../src/lib/waveform.ts";
import { at, newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, answerWith } = preparePage();
beforeEach(() => playbackSpeed.set(1));
const aVoice = () => ({ id: newId(), mimeType: "audio/ogg", fileName: null, size: 9_000 });

/** Replaces the browser's decoder. Each voice message lasts a minute. */
function decodeAs(samples: number[]) {
  vi.stubGlobal(
    "OfflineAudioContext",
    class {
      decodeAudioData = async () => ({ getChannelData: () => Float32Array.from(samples) });
    },
  );
  onTestFinished(() => void vi.unstubAllGlobals());
}

/** Shows players and presses play in each. Returns their parts. */
async function play(count: number) {
  answerWith(({ path }) => {
    if (path.endsWith("/link")) return { body: { url: `${path}/content`, expiresAt: at(9) } };
    return path.startsWith("/v1/media/") ? { body: {} } : undefined;
  });
  show(Array.from({ length: count }, aVoice).map((media) => <SoundPlayer key={media.id} media={media} isVoice />));
  const players = [];
  for (const shown of screen.getAllByTestId("sound")) {
    await act(async () => void fireEvent.click(within(shown).getByRole("button", { name: "Ouvir" })));
    const audio = await waitFor(() => {
      const found = shown.querySelector("audio");
      if (!found) throw new Error("no audio element yet");
      return found;
    });
    Object.defineProperty(audio, "duration", { value: 60, configurable: true });
    fireEvent.loadedMetadata(audio);
    players.push({ shown: within(shown), audio });
  }
  return players;
}

test("the waveform appears after pressing play, and its slider moves by keyboard", async () => {
  decodeAs([0, 0.5, 1, 0.5]);
  const [player] = await play(1);
  expect((await player?.shown.findByTestId("waveform"))?.children).toHaveLength(48);
  const slider = player?.shown.getByRole("slider") as HTMLElement;
  fireEvent.keyDown(slider, { key: "ArrowRight" });
  fireEvent.keyDown(slider, { key: "ArrowRight" });
  fireEvent.keyDown(slider, { key: "ArrowLeft" });
  expect(player?.audio.currentTime).toBe(5);
  expect(slider.getAttribute("aria-valuetext")).toBe("0:05 / 1:00");
});

test("a sound that the browser cannot decode keeps its slider", async () => {
  const [player] = await play(1); // happy-dom has no decoder
  expect(player?.shown.getByRole<HTMLInputElement>("slider").disabled).toBe(false);
  expect(player?.shown.queryByTestId("waveform")).toBeNull();
});

test("one sound plays at a time", async () => {
  const [first, second] = await play(2);
  const paused: string[] = [];
  if (first) first.audio.pause = () => void paused.push("first");
  if (second) second.audio.pause = () => void paused.push("second");
  // Both were started: the second one is playing.
  fireEvent.play(first?.audio as HTMLElement);
  expect(paused).toEqual(["second"]);
  fireEvent.play(second?.audio as HTMLElement);
  fireEvent.play(second?.audio as HTMLElement);
  expect(paused).toEqual(["second", "first"]);
});

test("the speed goes from 1 to 1.5 to 2, for all sounds", async () => {
  const [first, second] = await play(2);
  fireEvent.click(first?.shown.getByRole("button", { name: "Velocidade: 1×" }) as HTMLElement);
  expect([first?.audio.playbackRate, second?.audio.playbackRate]).toEqual([1.5, 1.5]);
  fireEvent.click(second?.shown.getByRole("button", { name: "Velocidade: 1.5×" }) as HTMLElement);
  expect([first?.audio.playbackRate, second?.audio.playbackRate]).toEqual([2, 2]);
  fireEvent.click(first?.shown.getByRole("button", { name: "Velocidade: 2×" }) as HTMLElement);
  expect(first?.audio.playbackRate).toBe(1);
});

test("a waveform is the loudness of equal parts, relative to the loudest", () => {
  expect(loudnessOf(Float32Array.from([0, 0, 0.5, -0.5, 0.25, 0.25]), 3)).toEqual([0, 1, 0.5]);
  expect(loudnessOf(new Float32Array(0), 2)).toEqual([0, 0]);
});
