interface Coordinates {
  latitude: number;
  longitude: number;
}

const number = String.raw`(-?\d{1,3}(?:\.\d{1,15})?)`;
/** In the order in which they are tried: the marker of a map's link, its centre, its query, and a plain pair. */
const patterns = [
  new RegExp(`!3d${number}!4d${number}`),
  new RegExp(`@${number},${number}`),
  new RegExp(`[?&](?:q|query|ll)=${number}(?:,|%2C)${number}`, "i"),
  new RegExp(String.raw`^${number}[,;]?\s{1,5}${number}$`),
  new RegExp(`^${number},${number}$`),
];

/** Reads a latitude and a longitude in degrees, or the link of a map. Undefined if the text has none. */
export function parseCoordinates(text: string): Coordinates | undefined {
  const trimmed = text.trim();
  for (const pattern of patterns) {
    const found = pattern.exec(trimmed);
    if (!found) continue;
    const [latitude, longitude] = [Number(found[1]), Number(found[2])];
    if (Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180) return { latitude, longitude };
  }
  return undefined;
}
