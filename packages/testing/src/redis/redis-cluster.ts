import { setTimeout as delay } from "node:timers/promises";
import { Redis } from "ioredis";
import { freePort } from "../processes/free-port.ts";
import { type LocalRedis, startRedis } from "./redis-server.ts";

const slots = 16_384;
const nodeTimeoutMs = 2_000;
const pollIntervalMs = 20;
const deadlineMs = 60_000;

export interface LocalRedisCluster {
  /** Value for a service's REDIS_URL. */
  readonly url: string;
  readonly nodes: readonly LocalRedis[];
  /** Moves the slot of `key` with all its keys to another node. Resolves with the indexes of both nodes. */
  moveSlotOf(key: string): Promise<{ from: number; to: number }>;
  stop(): Promise<void>;
}

/** Starts masters without replicas (three by default) on free loopback ports. Resolves when every slot is served. */
export async function startRedisCluster(count = 3): Promise<LocalRedisCluster> {
  const nodes = await Promise.all(Array.from({ length: count }, startNode));
  const admins = nodes.map(({ port }) => new Redis(port, "127.0.0.1"));
  const stop = async () => {
    for (const admin of admins) admin.disconnect();
    await Promise.all(nodes.map((node) => node.stop()));
  };
  try {
    const share = Math.ceil(slots / count);
    await Promise.all(
      admins.map((admin, index) =>
        admin.cluster("ADDSLOTSRANGE", index * share, Math.min(slots, (index + 1) * share) - 1),
      ),
    );
    for (const node of nodes.slice(1)) await admins[0]?.call("CLUSTER", "MEET", "127.0.0.1", node.port, node.busPort);
    await Promise.all(admins.map((admin) => untilComplete(admin, count)));
  } catch (err) {
    await stop();
    throw err;
  }
  const url = `redis-cluster://${nodes.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
  return {
    url,
    nodes,
    moveSlotOf: async (key) => moveSlot(admins, Number(await admins[0]?.cluster("KEYSLOT", key))),
    stop,
  };
}

async function startNode(): Promise<LocalRedis & { busPort: number }> {
  const busPort = await freePort();
  const settings = ["--cluster-enabled", "yes", "--cluster-port", String(busPort)];
  const node = await startRedis({ settings: [...settings, "--cluster-node-timeout", String(nodeTimeoutMs)] });
  return { ...node, busPort };
}

async function untilComplete(admin: Redis, count: number): Promise<void> {
  for (const startedAt = Date.now(); ; await delay(pollIntervalMs)) {
    const info = String(await admin.cluster("INFO"));
    if (info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${count}`)) return;
    if (Date.now() - startedAt > deadlineMs)
      throw new Error(`The cluster is not complete after ${deadlineMs} ms:\n${info}`);
  }
}

async function moveSlot(admins: readonly Redis[], slot: number): Promise<{ from: number; to: number }> {
  const ids = await Promise.all(admins.map(async (admin) => String(await admin.call("CLUSTER", "MYID"))));
  const ranges = (await admins[0]?.cluster("SLOTS")) ?? [];
  const owner = ranges.find(([first, last]) => first <= slot && slot <= last)?.[2];
  const from = ids.indexOf(owner?.[2] ?? "");
  const to = (from + 1) % admins.length;
  const [source, target] = [admins[from], admins[to]];
  if (!source || !target) throw new Error(`No node owns slot ${slot}.`);
  await target.call("CLUSTER", "SETSLOT", slot, "IMPORTING", ids[from] ?? "");
  await source.call("CLUSTER", "SETSLOT", slot, "MIGRATING", ids[to] ?? "");
  for (;;) {
    const keys = (await source.call("CLUSTER", "GETKEYSINSLOT", slot, 100)) as string[];
    if (keys.length === 0) break;
    const port = target.options.port ?? 0;
    await source.call("MIGRATE", "127.0.0.1", port, "", 0, deadlineMs, "KEYS", ...keys);
  }
  for (const admin of [target, source]) await admin.call("CLUSTER", "SETSLOT", slot, "NODE", ids[to] ?? "");
  return { from, to };
}
