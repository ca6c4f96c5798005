const longestText = 2_000;
const longest = 32_768;

/** As it came, with long texts (pictures, mostly) cut first, so that what is left still tells the shape. */
export function rawJson(told: unknown): string {
  const text = JSON.stringify(told, (_name, value: unknown) =>
    typeof value === "string" && value.length > longestText
      ? `${value.slice(0, longestText)}… (${value.length} characters)`
      : value,
  );
  return (text ?? String(told)).slice(0, longest);
}
