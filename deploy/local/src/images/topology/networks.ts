import { execFileSync } from "node:child_process";
import type { Entry } from "../../compose-file.ts";

const ip = (...args: string[]) => execFileSync("ip", args, { stdio: ["ignore", "ignore", "pipe"] });

/** An address of a container in a network. */
interface Attachment {
  network: string;
  address: string;
}

/**
 * The networks of docker-compose.yml, without an engine: each container has a network namespace of its own, and each network is a bridge
 * in one further namespace. Nothing leads to this machine's network, except from the network that it joins.
 */
export class Networks {
  private constructor(
    private readonly prefix: string,
    private readonly attachments: ReadonlyMap<string, readonly Attachment[]>,
  ) {}

  /** `prefix` keeps the names apart from those of other runs. */
  static open(prefix: string, services: Record<string, Entry>, joined?: string): Networks {
    const names = [...new Set(Object.values(services).flatMap((entry) => entry.networks ?? []))];
    const attachments = new Map(
      Object.entries(services).map(([service, entry], host) => [
        service,
        (entry.networks ?? []).map((network) => ({ network, address: `10.90.${names.indexOf(network)}.${host + 2}` })),
      ]),
    );
    const networks = new Networks(prefix, attachments);
    try {
      networks.create(names);
      if (joined !== undefined) networks.join(joined, `10.90.${names.indexOf(joined)}.1`);
    } catch (err) {
      networks.close();
      throw err;
    }
    return networks;
  }

  pathOf(service: string): string {
    return `/run/netns/${this.namespaceOf(service)}`;
  }

  namespaceOf(name: string): string {
    return `${this.prefix}-${name}`;
  }

  addressOf(service: string, network: string): string {
    const found = this.attachments.get(service)?.find((each) => each.network === network);
    if (found === undefined) throw new Error(`${service} is not in the network ${network}`);
    return found.address;
  }

  /** Lines of /etc/hosts: the containers that this one shares a network with. */
  hostsOf(service: string): string {
    const own = new Set(this.attachments.get(service)?.map(({ network }) => network));
    const lines = [...this.attachments].flatMap(([name, all]) => {
      const shared = all.find(({ network }) => own.has(network));
      return shared === undefined ? [] : [`${shared.address} ${name}`];
    });
    return ["127.0.0.1 localhost", ...lines, ""].join("\n");
  }

  close(): void {
    for (const name of ["switch", ...this.attachments.keys()]) {
      try {
        ip("netns", "delete", this.namespaceOf(name));
      } catch {
        // it was not created
      }
    }
  }

  private create(names: readonly string[]): void {
    const inSwitch = (...args: string[]) => ip("-n", this.namespaceOf("switch"), ...args);
    ip("netns", "add", this.namespaceOf("switch"));
    for (const name of names) {
      inSwitch("link", "add", name, "type", "bridge");
      inSwitch("link", "set", name, "up");
    }
    let count = 0;
    for (const [service, attachments] of this.attachments) {
      const namespace = this.namespaceOf(service);
      ip("netns", "add", namespace);
      ip("-n", namespace, "link", "set", "lo", "up");
      for (const { network, address } of attachments) {
        count += 1;
        inSwitch("link", "add", `port${count}`, "type", "veth", "peer", "name", network, "netns", namespace);
        inSwitch("link", "set", `port${count}`, "master", network, "up");
        ip("-n", namespace, "addr", "add", `${address}/24`, "dev", network);
        ip("-n", namespace, "link", "set", network, "up");
      }
    }
  }

  /** Gives this machine an address in a network. It ends with the network. */
  private join(network: string, address: string): void {
    const device = this.prefix.slice(0, 15); // the longest name of a device
    const inSwitch = (...args: string[]) => ip("-n", this.namespaceOf("switch"), ...args);
    inSwitch("link", "add", "machine", "type", "veth", "peer", "name", device, "netns", String(process.pid));
    inSwitch("link", "set", "machine", "master", network, "up");
    ip("addr", "add", `${address}/24`, "dev", device);
    ip("link", "set", device, "up");
  }
}
