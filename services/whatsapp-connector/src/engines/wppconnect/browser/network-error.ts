/** Whether Chromium could not reach the site: the network failed, not the browser. */
export const isNetworkError = (err: unknown): boolean => err instanceof Error && /\bnet::ERR_/.test(err.message);
