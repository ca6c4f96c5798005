export { type ChooseTarget, type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
export type { ProxyFaults } from "./proxy-faults.ts";
