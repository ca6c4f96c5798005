/** Host and port of a Redis or Sentinel process. */
export interface RedisNode {
  host: string;
  port: number;
}
interface Access {
  nodes: RedisNode[];
  username?: string;
  password?: string;
  isTls: boolean;
}
export type RedisAddress =
  | { kind: "single"; url: string }
  /** The nodes are Sentinels that monitor the master of that name. */
  | ({ kind: "sentinel"; masterName: string } & Access)
  /** Some nodes of a Cluster, from which the others are discovered. */
  | ({ kind: "cluster" } & Access);

const layout = /^redis(s?)-(cluster|sentinel):\/\/(?:([^@/]*)@)?([^@/?]+)(?:\/([\w.-]+))?$/;
const defaultPort = { cluster: 6_379, sentinel: 26_379 };

/**
 * Parses `redis://host:port`, `redis-sentinel://host:port,host:port/master-name` or `redis-cluster://host:port,host:port`, each
 * optionally with `rediss` for TLS and with `user:password@`. Returns undefined for any other text.
 */
export function parseRedisAddress(url: string): RedisAddress | undefined {
  if (/^rediss?:\/\/./.test(url)) return URL.canParse(url) ? { kind: "single", url } : undefined;
  const [, tls, kind, credentials, hosts, name] = layout.exec(url) ?? [];
  if (kind !== "cluster" && kind !== "sentinel") return undefined;
  const nodes = (hosts ?? "").split(",").map((host) => toNode(host, defaultPort[kind]));
  if (nodes.includes(undefined)) return undefined;
  const access = { nodes: nodes as RedisNode[], isTls: tls === "s", ...toCredentials(credentials) };
  if (kind === "cluster") return name === undefined ? { kind, ...access } : undefined;
  return name === undefined ? undefined : { kind, masterName: name, ...access };
}

function toNode(text: string, defaultPort: number): RedisNode | undefined {
  if (!URL.canParse(`redis://${text}`)) return undefined;
  const { hostname, port } = new URL(`redis://${text}`);
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  return host === "" ? undefined : { host, port: port === "" ? defaultPort : Number(port) };
}

function toCredentials(text: string | undefined): { username?: string; password?: string } {
  if (text === undefined || text === "") return {};
  const [username = "", password] = text.split(":", 2).map(decodeURIComponent);
  return password === undefined ? { username } : { ...(username !== "" && { username }), password };
}
