import { ApiError } from "./api-error.ts";

/**
 * Uploads a file by XMLHttpRequest, because `fetch` reports no upload progress. Without an answer it rejects with an
 * `ApiError` of status 0.
 */
export function sendFile(
  url: string,
  file: File,
  { token, onProgress }: { token: string; onProgress: (part: number) => void },
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.onprogress = ({ loaded, total }) => onProgress(total > 0 ? loaded / total : 0);
    request.onload = () => {
      const retryAfter = request.getResponseHeader("Retry-After");
      const headers = { ...(retryAfter !== null && { "Retry-After": retryAfter }) };
      resolve(new Response(request.responseText, { status: request.status, headers }));
    };
    request.onerror = () => reject(new ApiError(0));
    request.onabort = () => reject(new ApiError(0));
    request.send(file);
  });
}
