/** In the order of preference. WhatsApp plays voice messages as Opus only; another sound is sent as an audio file. */
const types = ["audio/ogg;codecs=opus", "audio/webm;codecs=opus", "audio/mp4"];

/** The format in which this browser records. */
export const recordedType = (): string | undefined => types.find((type) => MediaRecorder.isTypeSupported(type));

export const canRecord = (): boolean =>
  typeof MediaRecorder !== "undefined" && navigator.mediaDevices !== undefined && recordedType() !== undefined;
