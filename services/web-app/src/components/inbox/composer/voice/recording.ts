import { readWebm } from "../../../../lib/ogg/webm-packets.ts";
import { writeOgg } from "../../../../lib/ogg/write-ogg.ts";
import { Store } from "../../../../lib/store.ts";
import { rootMeanSquare } from "../../../../lib/waveform.ts";
import { recordedType } from "./can-record.ts";

const bitsPerSecond = 32_000;
const pieceMs = 1_000;
const levelMs = 100;
const shownLevels = 48;
/** Speech is much quieter than the loudest possible sound. */
const gain = 5;
const maxSeconds = 60 * 60;

export type RecordingProblem = "refused" | "noMicrophone" | "failed";

interface RecordingState {
  step: "starting" | "recording" | "paused" | RecordingProblem;
  seconds: number;
  /** The newest loudnesses, from 0 to 1. */
  levels: readonly number[];
}

/** A recording of the microphone, from `start` until `finish` or `discard`. */
export class Recording {
  readonly store = new Store<RecordingState>({ step: "starting", seconds: 0, levels: Array(shownLevels).fill(0) });
  private recorder: MediaRecorder | undefined;
  private stream: MediaStream | undefined;
  private sound: AudioContext | undefined;
  private meter: ReturnType<typeof setInterval> | undefined;
  private readonly pieces: Blob[] = [];
  private isOver = false;

  async start(): Promise<void> {
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
      this.stream = stream;
      if (this.isOver) return this.release();
      const mimeType = recordedType();
      const recorder = new MediaRecorder(stream, { ...(mimeType && { mimeType }), audioBitsPerSecond: bitsPerSecond });
      recorder.ondataavailable = ({ data }) => this.pieces.push(data);
      recorder.start(pieceMs);
      this.recorder = recorder;
      this.measure(stream);
      this.update({ step: "recording" });
    } catch (error) {
      this.release();
      this.update({ step: problemOf(error) });
    }
  }

  pause(): void {
    if (this.recorder?.state !== "recording") return;
    this.recorder.pause();
    this.update({ step: "paused" });
  }

  resume(): void {
    if (this.recorder?.state !== "paused") return;
    this.recorder.resume();
    this.update({ step: "recording" });
  }

  /** Ends the recording. Resolves with its file, or with undefined if nothing was recorded or it ended before. */
  async finish(name: string): Promise<File | undefined> {
    if (this.isOver) return undefined;
    this.isOver = true;
    const { recorder } = this;
    if (recorder && recorder.state !== "inactive")
      await new Promise((resolve) => {
        recorder.addEventListener("stop", resolve, { once: true });
        recorder.stop();
      });
    this.release();
    const recorded = new Blob(this.pieces, { type: recorder?.mimeType ?? "" });
    return recorded.size > 0 ? voiceFile(recorded, name) : undefined;
  }

  discard(): void {
    this.isOver = true;
    if (this.recorder && this.recorder.state !== "inactive") this.recorder.stop();
    this.release();
  }

  private measure(stream: MediaStream): void {
    this.sound = new AudioContext();
    const analyser = this.sound.createAnalyser();
    this.sound.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    this.meter = setInterval(() => {
      if (this.recorder?.state !== "recording") return;
      analyser.getFloatTimeDomainData(samples);
      const { seconds, levels } = this.store.get();
      const level = Math.min(1, rootMeanSquare(samples) * gain);
      this.update({ seconds: seconds + levelMs / 1_000, levels: [...levels.slice(1), level] });
      if (seconds >= maxSeconds) this.pause();
    }, levelMs);
  }

  private release(): void {
    clearInterval(this.meter);
    for (const track of this.stream?.getTracks() ?? []) track.stop();
    void this.sound?.close();
    this.sound = undefined;
  }

  private update(change: Partial<RecordingState>): void {
    this.store.update((state) => ({ ...state, ...change }));
  }
}

function problemOf(error: unknown): RecordingProblem {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return "refused";
  return name === "NotFoundError" ? "noMicrophone" : "failed";
}

/** The recording as an Ogg file. Sounds that are not Opus keep their format. */
async function voiceFile(recorded: Blob, name: string): Promise<File> {
  const type = recorded.type.split(";", 1)[0] ?? "";
  if (type === "audio/ogg") return new File([recorded], `${name}.ogg`, { type });
  if (type !== "audio/webm") return new File([recorded], `${name}.m4a`, { type });
  const ogg = writeOgg(readWebm(new Uint8Array(await recorded.arrayBuffer())));
  return new File([ogg], `${name}.ogg`, { type: ogg.type });
}
