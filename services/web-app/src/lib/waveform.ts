/** Low, because only the loudness is read, and a long recording must fit in memory. */
const sampleRate = 8_000;

/** The loudness of a sound in equal parts, from 0 to 1. Rejects if the browser cannot decode it. */
export async function waveformOf(file: Blob, parts: number): Promise<number[]> {
  const context = new OfflineAudioContext(1, 1, sampleRate);
  const sound = await context.decodeAudioData(await file.arrayBuffer());
  return loudnessOf(sound.getChannelData(0), parts);
}

/** The root mean square of each part, relative to the loudest one. */
export function loudnessOf(samples: Float32Array, parts: number): number[] {
  const means = Array.from({ length: parts }, (_, part) => {
    const from = Math.floor((part * samples.length) / parts);
    const to = Math.max(from + 1, Math.floor(((part + 1) * samples.length) / parts));
    return rootMeanSquare(samples.subarray(from, to));
  });
  const loudest = Math.max(...means);
  return means.map((mean) => (loudest > 0 ? mean / loudest : 0));
}

/** The loudness of samples between -1 and 1. */
export function rootMeanSquare(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  return samples.length === 0 ? 0 : Math.sqrt(sum / samples.length);
}
