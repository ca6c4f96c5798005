import { endpoints, type Operation } from "@syszap/contracts/constants";

export type UrlValues = Record<string, string | number | undefined>;

/** The URL of an operation. Query values that are undefined are left out. */
export function urlOf(operation: Operation, params: UrlValues = {}, query: UrlValues = {}): string {
  const path = endpoints[operation].path.replace(/:(\w+)/g, (_, name: string) =>
    encodeURIComponent(params[name] ?? ""),
  );
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value));
  return search.size > 0 ? `${path}?${search}` : path;
}

/** The URL of a file in the media store. */
export const mediaUrl = (id: string): string => urlOf("getMedia", { id });
/** The URL of a small picture of an image. The server answers 404 for files that it cannot scale. */
export const thumbnailUrl = (id: string): string => urlOf("getMediaThumbnail", { id });

const mediaUrlStart = mediaUrl("");
/** The id in a URL of the media store; undefined for other URLs. */
export const mediaIdOf = (url: string): string | undefined =>
  url.startsWith(mediaUrlStart) ? url.slice(mediaUrlStart.length) : undefined;
