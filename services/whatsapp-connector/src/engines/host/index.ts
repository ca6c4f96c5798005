export { type Hosting, type HostTimes, hostTimes } from "./host-process.ts";
export { createRemote } from "./remote-engine.ts";
