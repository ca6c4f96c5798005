/**
 * The bundle of the process that draws thumbnails, as production runs it. `npm test` builds it; after a change, run
 * `npm run build` before calling vitest directly.
 */
export const drawingEntry = new URL("../../dist/media/thumbnails/drawing-process.js", import.meta.url);
