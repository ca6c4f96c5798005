const maxTextLength = 2_000;
const maxLength = 32_768;

/** Serializes a payload. Long texts (mostly pictures) are truncated first, so that the result still shows the shape. */
export function rawJson(payload: unknown): string {
  const text = JSON.stringify(payload, (_name, value: unknown) =>
    typeof value === "string" && value.length > maxTextLength
      ? `${value.slice(0, maxTextLength)}… (${value.length} characters)`
      : value,
  );
  return (text ?? String(payload)).slice(0, maxLength);
}
