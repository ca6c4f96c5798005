import { createServer, type Server } from "node:net";
import { ProxiedLink } from "./proxied-link.ts";

/** What the network does to the bytes of a link; it may change while the link is open. */
export interface ProxyFaults {
  /** Each chunk arrives this much later, in order. */
  delayMs: number;
  /** From the server to the client; 0 for as fast as it goes. */
  bytesPerSecond: number;
  /** Both ends believe that the link is open, and nothing passes in either direction. */
  isSilent: boolean;
}
const healthy: ProxyFaults = { delayMs: 0, bytesPerSecond: 0, isSilent: false };

/** The port for a new link, by its number since the start: so a balancer spreads them. Undefined: it is reset. */
export type ChooseTarget = (link: number) => number | undefined;

export interface FaultProxy {
  readonly port: number;
  readonly openLinks: number;
  /** For open links (those whose number since the start passes `which`) and, without `which`, for coming ones too. */
  set(faults: Partial<ProxyFaults>, which?: (link: number) => boolean): void;
  /** Resets the links at once, as a router that forgets them would; answers how many. */
  cut(which?: (link: number) => boolean): number;
  /** Lets so many more bytes of the server through, then resets: most probably in the middle of a frame. */
  cutAfter(bytes: number, which?: (link: number) => boolean): void;
  /** While closed, whoever connects is reset. */
  refuse(isRefusing: boolean): void;
  /** Silent links never come back: ends them all, and heals what comes. */
  heal(): void;
  close(): Promise<void>;
}

/** A TCP proxy on loopback, in front of one port or of several, that does what bad networks do. */
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
