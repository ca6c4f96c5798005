export { type ChooseTarget, type FaultProxy, type ProxyFaults, startFaultProxy } from "./fault-proxy.ts";
