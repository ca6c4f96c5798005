export { type ProxyAddress, ProxyError, type ProxyFailure } from "./proxy-address.ts";
export { openCredentials, sealCredentials } from "./proxy-credentials.ts";
export { proxyEnvironment } from "./proxy-environment.ts";
export { openTunnel, type TunnelOptions } from "./tunnel.ts";
