import type { ByteRange } from "@syszap/media-store";

/** `whole`: nothing was asked for, or nothing that we answer in parts. `beyond`: the file has no such part. */
export type Asked = "whole" | "beyond" | Required<ByteRange>;

/**
 * What a `Range` header asks of a file (RFC 9110, 14.2). One part only: of several, as of what can't be read, the whole file is
 * the right answer too.
 */
export function rangeOf(header: string | undefined, size: number): Asked {
  const [, first = "", last = ""] = /^bytes=[ \t]*(\d{0,15})-(\d{0,15})[ \t]*$/i.exec(header ?? "") ?? [];
  if (first === "" && last === "") return "whole";
  if (first === "") {
    const length = Math.min(Number(last), size);
    return length === 0 ? "beyond" : { start: size - length, end: size - 1 };
  }
  const start = Number(first);
  if (last !== "" && Number(last) < start) return "whole"; // says nothing that could be meant
  if (start >= size) return "beyond";
  return { start, end: last === "" ? size - 1 : Math.min(Number(last), size - 1) };
}

/** With `If-Range`, a part is wanted only of the very file that the caller has the rest of. Dates prove nothing here. */
export const mayAnswerPart = (ifRange: string | undefined, etag: string): boolean =>
  ifRange === undefined || ifRange.trim() === etag;
