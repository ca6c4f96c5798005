import { createServer, type Server } from "node:net";
import { ProxiedLink } from "./proxied-link.ts";
import type { ProxyFaults } from "./proxy-faults.ts";

const healthy: ProxyFaults = { delayMs: 0, bytesPerSecond: 0, isSilent: false };

/**
 * Returns the target port for a new link, like a load balancer. `link` counts from 0; undefined resets the connection.
 */
export type ChooseTarget = (link: number) => number | undefined;

export interface FaultProxy {
  readonly port: number;
  readonly openLinks: number;
  /** Sets faults of the open links that `which` selects. Without `which`, of all open and future links. */
  set(faults: Partial<ProxyFaults>, which?: (link: number) => boolean): void;
  /** Resets the selected links, as a router does that drops its connection table. Returns their number. */
  cut(which?: (link: number) => boolean): number;
  /**
   * Resets the selected links after `bytes` further bytes from the server, which is usually in the middle of a frame.
   */
  cutAfter(bytes: number, which?: (link: number) => boolean): void;
  /** While true, new connections are reset. */
  refuse(isRefusing: boolean): void;
  /** Removes all faults. Silent links are reset because the bytes that they held back cannot be trusted. */
  heal(): void;
  close(): Promise<void>;
}

/** Starts a TCP proxy on loopback, in front of one or several ports, that simulates network faults. */
export async function startFaultProxy(target: number | ChooseTarget): Promise<FaultProxy> {
  const links = new Map<number, ProxiedLink>();
  let faults = healthy;
  let isRefusing = false;
  let opened = 0;
  const server = createServer({ allowHalfOpen: true }, (client) => {
    const number = opened++;
    const targetPort = typeof target === "number" ? target : target(number);
    if (isRefusing || targetPort === undefined) return void client.resetAndDestroy();
    const link = new ProxiedLink(client, targetPort, () => ({ ...faults, ...link.faults }));
    links.set(number, link);
    link.onClose(() => links.delete(number));
  });
  const port = await listen(server);
  const chosen = (which?: (link: number) => boolean) =>
    [...links].filter(([number]) => !which || which(number)).map(([, link]) => link);
  const cut: FaultProxy["cut"] = (which) => {
    const all = chosen(which);
    for (const link of all) link.reset();
    return all.length;
  };
  return {
    port,
    get openLinks() {
      return links.size;
    },
    set: (changes, which) => {
      if (!which) faults = { ...faults, ...changes };
      for (const link of chosen(which)) link.change(changes);
    },
    cut,
    cutAfter: (bytes, which) => {
      for (const link of chosen(which)) link.resetAfter(bytes);
    },
    refuse: (value) => {
      isRefusing = value;
    },
    heal: () => {
      for (const link of links.values()) if (faults.isSilent || link.faults.isSilent) link.reset();
      faults = healthy;
      isRefusing = false;
      for (const link of links.values()) link.change(healthy);
    },
    close: async () => {
      cut();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address ? address.port : 0);
    });
  });
}
