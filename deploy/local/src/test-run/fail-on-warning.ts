/**
 * Makes a test run fail on warnings of Node.js: Vitest reports the rejection as an unhandled error. Too many listeners mean that they
 * leak, or that callers share an emitter without a bound. A negative timeout (reported from Node 22 on) means a time that has passed.
 */
const failing = new Set(["MaxListenersExceededWarning", "TimeoutNegativeWarning"]);
const mark = Symbol.for("syszap.fails-on-warning");
const state = globalThis as { [mark]?: boolean };

// A worker runs this file once for each test file.
if (!state[mark]) {
  state[mark] = true;
  process.on("warning", (warning) => {
    if (failing.has(warning.name)) void Promise.reject(warning);
  });
}
