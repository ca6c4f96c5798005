import { Publisher } from "@syszap/event-bus";
import { type FaultProxy, startFaultProxy } from "@syszap/testing/fault-proxy";
import type { Oracle, Random } from "@syszap/testing/oracle";
import { type BuiltService, startBuiltService, startTokenIssuer, type TokenIssuer } from "@syszap/testing/servers";
import type { Cluster, Redis } from "ioredis";
import { Speaker } from "./speaker.ts";

const gatewayCount = 3;
const silent = { info: () => {}, warn: () => {}, error: () => {} };
type Closer = () => Promise<unknown>;

/** One gateway with a wire of its own to Redis. */
export interface Gateway {
  readonly wire: FaultProxy | undefined;
  service: BuiltService;
  /** Killed, and not yet back: a balancer sends nobody there. */
  isAway: boolean;
}

/** What Redis is made of, and how a gateway and a publisher reach it. */
export interface Backend {
  /** For the publishers, who have no faults of their own. */
  connect(): Redis | Cluster;
  /** For one gateway; with its wire, where there is one to be cut. */
  addressFor(): Promise<{ url: string; wire: FaultProxy | undefined }>;
  close(): Promise<unknown>;
}

/** Three real gateways over a real Redis, behind a balancer, every wire of which can be broken. */
export class Ground {
  private readonly closers: Closer[] = [];

  private constructor(
    readonly gateways: Gateway[],
    /** All clients come through it, and get any gateway that lives. */
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
      this.closers.push(async () => gateway.wire?.close());
      this.closers.push(() => gateway.service.process.kill());
    }
    this.closers.push(() => balancer.close());
  }

  /** `random` chooses the gateway of each connection. */
  static async open(backend: Backend, random: () => Random): Promise<Ground> {
    const issuer = await startTokenIssuer();
    const gateways: Gateway[] = [];
    for (let number = 1; number <= gatewayCount; number++) {
      const { url, wire } = await backend.addressFor();
      gateways.push({ wire, service: await startGateway(url, issuer, number), isAway: false });
    }
    const balancer = await startFaultProxy(() => random().pick(gateways.filter(({ isAway }) => !isAway)).service.port);
    return new Ground(gateways, balancer, issuer, backend.connect());
  }

  get clientUrl(): string {
    return `ws://127.0.0.1:${this.balancer.port}/ws`;
  }

  get publisher(): Publisher {
    return new Publisher(this.redis, silent);
  }

  speakers(oracle: Oracle): [Speaker, Speaker, Speaker] {
    const speaker = (name: string) => new Speaker(this.publisher, oracle, name);
    return [speaker("loud"), speaker("first"), speaker("second")];
  }

  /** One that lives. */
  someGateway(random: Random): Gateway {
    return random.pick(this.gateways.filter(({ isAway }) => !isAway));
  }

  /** As a crash and a restart at the same address. */
  async replace(gateway: Gateway): Promise<void> {
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
