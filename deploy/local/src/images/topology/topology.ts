import { randomUUID } from "node:crypto";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { init } from "../../../init/init.mjs";
import { composeWith, type Entry, readEnvironment } from "../../compose-file.ts";
import { Container } from "./container.ts";
import { Networks } from "./networks.ts";

export interface TopologyOptions {
  /** Variables of `.env`, besides those that `init` writes. */
  settings?: Record<string, string>;
  /** The address that users open. */
  origin?: string;
  /** A network that this machine joins too. */
  joined?: string;
}

/** The containers of docker-compose.yml that run without an engine, with the secrets of a new `.env`. */
export class Topology {
  private readonly containers = new Map<string, Container>();

  private constructor(
    private readonly folder: string,
    private readonly prefix: string,
    private readonly of: { entries: Record<string, Entry>; secrets: Record<string, string>; networks: Networks },
  ) {}

  /** Starts nothing yet. Profiles name optional parts. */
  static async open({ settings = {}, origin, joined }: TopologyOptions = {}): Promise<Topology> {
    const folder = await mkdtemp(join(tmpdir(), "syszap-images-"));
    for (const name of ["bundles", "logs", "volumes"]) mkdirSync(join(folder, name));
    const file = join(folder, ".env");
    const options = origin === undefined ? [] : ["--origin", origin];
    const isWritten = init(["--file", file, ...options], { out: () => undefined, error: console.error }) === 0;
    if (!isWritten) throw new Error("syszap init failed");
    const environment = { ...readEnvironment(readFileSync(file, "utf8")), ...settings };
    const { prometheus: _others, ...entries } = composeWith(environment).services;
    const prefix = `syszap-${randomUUID().slice(0, 8)}`;
    const secrets = { owner_database_password: environment.OWNER_DATABASE_PASSWORD ?? "" };
    return new Topology(folder, prefix, { entries, secrets, networks: Networks.open(prefix, entries, joined) });
  }

  /** Adds variables and volumes to an entry, as an override file of Docker Compose does. */
  add(service: string, environment: Record<string, string>, volumes: string[] = []): void {
    const entry = this.of.entries[service];
    if (entry === undefined) throw new Error(`docker-compose.yml has no ${service}`);
    entry.environment = { ...entry.environment, ...environment };
    entry.volumes = [...(entry.volumes ?? []), ...volumes];
  }

  container(service: string): Container {
    const container = this.containers.get(service);
    if (container === undefined) throw new Error(`${service} was not started`);
    return container;
  }

  /**
   * Starts a container after those that it depends on, and resolves when its health check passes. `command` replaces that of the image.
   */
  async start(service: string, command?: string[]): Promise<Container> {
    const running = this.containers.get(service);
    if (running !== undefined) return running;
    const { entries, secrets, networks } = this.of;
    const entry = { ...entries[service], ...(command !== undefined && { command }) };
    for (const [needed, { condition }] of Object.entries(entry.depends_on ?? {})) {
      const container = await this.start(needed);
      if (condition !== "service_completed_successfully") continue;
      if ((await container.ended) !== 0) throw new Error(`${needed} failed:\n${container.log.slice(-2_000)}`);
    }
    const id = `${this.prefix}-${service}`;
    const container = await Container.start({ id, service, networks, folder: this.folder, secrets }, entry);
    this.containers.set(service, container);
    if (entry.healthcheck !== undefined) await container.healthy();
    return container;
  }

  /** Namespace of a container's network, for `ip netns exec`. */
  namespaceOf(service: string): string {
    return this.of.networks.namespaceOf(service);
  }

  addressOf(service: string, network: string): string {
    return this.of.networks.addressOf(service, network);
  }

  /** A secret of docker-compose.yml. */
  secret(name: string): string {
    return this.of.secrets[name] ?? "";
  }

  /** Folder of a volume on this machine. */
  volume(name: string): string {
    return join(this.folder, "volumes", name);
  }

  /** Returns the exit code. `start` then runs a new container. */
  async stop(service: string): Promise<number> {
    const code = await this.container(service).stop();
    this.containers.delete(service);
    return code;
  }

  /** Stops all containers, the last started first, and returns their exit codes. */
  async stopAll(): Promise<Record<string, number>> {
    const codes: Record<string, number> = {};
    for (const service of [...this.containers.keys()].reverse()) codes[service] = await this.stop(service);
    return codes;
  }

  /** Stops everything and deletes all data. Returns the exit codes. */
  async close(): Promise<Record<string, number>> {
    const codes = await this.stopAll();
    this.of.networks.close();
    rmSync(this.folder, { recursive: true, force: true });
    return codes;
  }
}
