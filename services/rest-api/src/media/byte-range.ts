import type { ByteRange } from "@syszap/media-store";
import type { Request } from "express";

/** `whole`: send the whole file. `unsatisfiable`: the range lies beyond the end of the file. */
export type RequestedRange = "whole" | "unsatisfiable" | Required<ByteRange>;

/**
 * Returns the range that the `Range` header requests (RFC 9110, section 14.2). The whole file is sent for several ranges and
 * for an invalid header. Corrects two ranges that `req.range` calls unsatisfiable: a reversed range is invalid, and a suffix
 * longer than the file selects all of it.
 */
export function requestedRange(req: Request, size: number): RequestedRange {
  const [match, first, last] = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(req.get("range") ?? "") ?? [];
  const ranges = match === undefined ? undefined : req.range(size);
  if (ranges === undefined || ranges === -2) return "whole";
  if (ranges !== -1) return ranges[0] ?? "whole";
  if (first !== "" && last !== "" && Number(last) < Number(first)) return "whole";
  if (first === "" && Number(last) > size && size > 0) return { start: 0, end: size - 1 };
  return "unsatisfiable";
}

/** With `If-Range`, a range is sent only when its ETag matches. Dates are ignored, because files have no modification date. */
export const mayAnswerPart = (ifRange: string | undefined, etag: string): boolean =>
  ifRange === undefined || ifRange.trim() === etag;
