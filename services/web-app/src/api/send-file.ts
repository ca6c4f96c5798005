import { ApiError } from "./api-error.ts";

export interface UploadOptions {
  /** Receives the uploaded part, from 0 to 1. */
  onProgress?: (part: number) => void;
  signal?: AbortSignal | undefined;
}

/**
 * Uploads a file by XMLHttpRequest, because `fetch` reports no upload progress. Without an answer it rejects with an
 * `ApiError` of status 0.
 */
export function sendFile(
  url: string,
  file: File,
  { token, onProgress, signal }: { token: string } & UploadOptions,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => onProgress?.(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const retryAfter = request.getResponseHeader("Retry-After");
      const headers = { ...(retryAfter !== null && { "Retry-After": retryAfter }) };
      resolve(new Response(request.responseText, { status: request.status, headers }));
    };
    request.onerror = () => reject(new ApiError(0));
    request.onabort = () => reject(new ApiError(0));
    signal?.addEventListener("abort", () => request.abort());
    request.send(file);
  });
}
