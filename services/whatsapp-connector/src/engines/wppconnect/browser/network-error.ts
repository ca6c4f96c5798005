/** Chromium's words for a site that it could not reach: the network is away, not the browser broken. */
export const isNetworkError = (err: unknown): boolean => err instanceof Error && /\bnet::ERR_/.test(err.message);
