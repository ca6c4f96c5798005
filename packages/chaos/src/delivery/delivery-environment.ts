import { Publisher } from "@syszap/event-bus";
import { type FaultProxy, startFaultProxy } from "@syszap/testing/fault-proxy";
import type { Oracle, Random } from "@syszap/testing/oracle";
import { type BuiltService, startBuiltService, startTokenIssuer, type TokenIssuer } from "@syszap/testing/servers";
import type { Cluster, Redis } from "ioredis";
import { TestPublisher } from "./test-publisher.ts";

const gatewayCount = 3;
const silent = { info: () => {}, warn: () => {}, error: () => {} };
type Closer = () => Promise<unknown>;

/** A gateway with its own proxied connection to Redis. */
export interface Gateway {
  readonly redisProxy: FaultProxy | undefined;
  service: BuiltService;
  /** True from a kill until the restart. The balancer does not use the gateway meanwhile. */
  isAway: boolean;
}

/** A Redis deployment and how publishers and gateways connect to it. */
export interface Backend {
  /** Connects a publisher, without a proxy. */
  connect(): Redis | Cluster;
  /** URL for one gateway, and its proxy if this deployment supports one. */
  addressFor(): Promise<{ url: string; redisProxy: FaultProxy | undefined }>;
  close(): Promise<unknown>;
}

/** Three real gateways on a real Redis behind a load balancer. All connections go through fault proxies. */
export class DeliveryEnvironment {
  private readonly closers: Closer[] = [];

  private constructor(
    readonly gateways: Gateway[],
    /** Load balancer: distributes client connections over the running gateways. */
    readonly balancer: FaultProxy,
    readonly issuer: TokenIssuer,
    readonly redis: Redis | Cluster,
  ) {
    redis.on("error", () => {});
    this.closers.push(
      async () => redis.disconnect(),
      () => issuer.close(),
    );
    for (const gateway of gateways) {
      this.closers.push(async () => gateway.redisProxy?.close());
      this.closers.push(() => gateway.service.process.kill());
    }
    this.closers.push(() => balancer.close());
  }

  /** `random` chooses the gateway of each connection. */
  static async open(backend: Backend, random: () => Random): Promise<DeliveryEnvironment> {
    const issuer = await startTokenIssuer();
    const gateways: Gateway[] = [];
    for (let number = 1; number <= gatewayCount; number++) {
      const { url, redisProxy } = await backend.addressFor();
      gateways.push({ redisProxy, service: await startGateway(url, issuer, number), isAway: false });
    }
    const balancer = await startFaultProxy(() => random().pick(gateways.filter(({ isAway }) => !isAway)).service.port);
    return new DeliveryEnvironment(gateways, balancer, issuer, backend.connect());
  }

  get clientUrl(): string {
    return `ws://127.0.0.1:${this.balancer.port}/ws`;
  }

  get publisher(): Publisher {
    return new Publisher(this.redis, silent);
  }

  testPublishers(oracle: Oracle): [TestPublisher, TestPublisher, TestPublisher] {
    const create = (name: string) => new TestPublisher(this.publisher, oracle, name);
    return [create("loud"), create("first"), create("second")];
  }

  /** A random running gateway. */
  someGateway(random: Random): Gateway {
    return random.pick(this.gateways.filter(({ isAway }) => !isAway));
  }

  /** Kills the gateway and restarts it on the same port. */
  async restart(gateway: Gateway): Promise<void> {
    gateway.isAway = true;
    await gateway.service.process.kill();
    const { env, port } = gateway.service;
    gateway.service = await startBuiltService({ service: "ws-gateway", env, port });
    gateway.isAway = false;
  }

  async close(): Promise<void> {
    for (const close of this.closers.toReversed()) await close().catch(() => undefined);
  }
}

const startGateway = (redisUrl: string, issuer: TokenIssuer, number: number) =>
  startBuiltService({
    service: "ws-gateway",
    env: {
      NODE_ENV: "production",
      LOG_LEVEL: "warn",
      REDIS_URL: redisUrl,
      TOKEN_KEY_SET_URL: issuer.keySetUrl,
      ALLOWED_ORIGINS: "http://chaos.localhost",
      TRUSTED_PROXIES: "127.0.0.1",
      GATEWAY_ID: `gateway-${number}`,
    },
  });
