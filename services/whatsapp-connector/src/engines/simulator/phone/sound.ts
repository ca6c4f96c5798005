import { Random } from "../script/random.ts";

const rateHz = 8_000;
const toneSeconds = 0.25;
const notesHz = [262, 294, 330, 392, 440, 523];

/** Returns a WAV file (8 bits, mono). The tone changes every quarter of a second, so that playback progress is audible. */
export function makeSound(seed: string, seconds: number): Uint8Array {
  const random = Random.from(seed);
  const samples = Buffer.alloc(seconds * rateHz);
  const perTone = toneSeconds * rateHz;
  let hertz = 0;
  for (let at = 0; at < samples.length; at += 1) {
    if (at % perTone === 0) hertz = random.pick(notesHz);
    const fade = 1 - (at % perTone) / perTone;
    samples[at] = 128 + Math.round(60 * fade * Math.sin((2 * Math.PI * hertz * at) / rateHz));
  }
  return Buffer.concat([header(samples.length), samples]);
}

function header(dataBytes: number): Buffer {
  const bytes = Buffer.alloc(44);
  bytes.write("RIFF", 0, "latin1");
  bytes.writeUInt32LE(36 + dataBytes, 4);
  bytes.write("WAVEfmt ", 8, "latin1");
  bytes.writeUInt32LE(16, 16);
  bytes.writeUInt16LE(1, 20); // PCM
  bytes.writeUInt16LE(1, 22); // one channel
  bytes.writeUInt32LE(rateHz, 24);
  bytes.writeUInt32LE(rateHz, 28); // bytes per second
  bytes.writeUInt16LE(1, 32);
  bytes.writeUInt16LE(8, 34); // bits per sample
  bytes.write("data", 36, "latin1");
  bytes.writeUInt32LE(dataBytes, 40);
  return bytes;
}
