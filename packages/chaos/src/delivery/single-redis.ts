import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startFaultProxy } from "@syszap/testing/fault-proxy";
import { type LocalRedis, startRedis } from "@syszap/testing/servers";
import { Redis } from "ioredis";
import type { Backend } from "./delivery-environment.ts";

const commandOptions = { maxRetriesPerRequest: 1, commandTimeout: 2_000, retryStrategy: () => 20 };

/** One Redis on a fixed port that can be restarted with or without its data. */
export class SingleRedis implements Backend {
  private constructor(
    private server: LocalRedis,
    private readonly directory: string,
    private readonly settings: string[],
  ) {}

  static async start(settings: string[] = []): Promise<SingleRedis> {
    const directory = await mkdtemp(join(tmpdir(), "syszap-chaos-redis-"));
    return new SingleRedis(await startRedis({ dataDirectory: directory, settings }), directory, settings);
  }

  connect(): Redis {
    return new Redis(this.server.url, commandOptions);
  }

  async addressFor() {
    const redisProxy = await startFaultProxy(() => this.server.port);
    return { url: `redis://127.0.0.1:${redisProxy.port}`, redisProxy };
  }

  async restart(options: { keepsData: boolean }): Promise<void> {
    const { port } = this.server;
    await this.server.stop();
    if (!options.keepsData) await rm(this.directory, { recursive: true });
    this.server = await startRedis({ dataDirectory: this.directory, port, settings: this.settings });
  }

  async close(): Promise<void> {
    await this.server.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}
