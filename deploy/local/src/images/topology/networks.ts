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
 * in one further namespace. Nothing leads to this machine's network.
 */
export class Networks {
  private constructor(
    private readonly prefix: string,
    private readonly attachments: ReadonlyMap<string, readonly Attachment[]>,
  ) {}

  /** `prefix` keeps the names apart from those of other runs. */
  static open(prefix: string, services: Record<string, Entry>): Networks {
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
    } catch (err) {
      networks.close();
      throw err;
    }
    return networks;
  }

  pathOf(service: string): string {
    return `/run/netns/${this.namespace(service)}`;
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
        ip("netns", "delete", this.namespace(name));
      } catch {
        // it was not created
      }
    }
  }

  private create(names: readonly string[]): void {
    const inSwitch = (...args: string[]) => ip("-n", this.namespace("switch"), ...args);
    ip("netns", "add", this.namespace("switch"));
    for (const name of names) {
      inSwitch("link", "add", name, "type", "bridge");
      inSwitch("link", "set", name, "up");
    }
    let count = 0;
    for (const [service, attachments] of this.attachments) {
      const namespace = this.namespace(service);
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

  private namespace(name: string): string {
    return `${this.prefix}-${name}`;
  }
}
