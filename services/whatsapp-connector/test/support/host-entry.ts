/**
 * The bundled entry file of engine hosts, as production runs it. Starting it costs a third of starting from source. `npm test`
 * builds it; after a change, run `npm run build` before calling vitest directly.
 */
export const hostEntry = new URL("../../dist/engines/host/main.js", import.meta.url);
