/**
 * Makes a test run fail on a warning of Node.js about too many listeners: Vitest reports the rejection as an unhandled error. The
 * warning means that listeners leak, or that callers share an emitter without a bound.
 */
const failing = new Set(["MaxListenersExceededWarning"]);
const mark = Symbol.for("syszap.fails-on-warning");
const state = globalThis as { [mark]?: boolean };

// A worker runs this file once for each test file.
if (!state[mark]) {
  state[mark] = true;
  process.on("warning", (warning) => {
    if (failing.has(warning.name)) void Promise.reject(warning);
  });
}
