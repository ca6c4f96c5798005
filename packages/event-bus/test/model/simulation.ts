import { type DeliveryGuarantees, Oracle, Random } from "@syszap/testing/oracle";
import { toCursor } from "../../src/header.ts";
import { ModelClient } from "./model-client.ts";
import { ModelGateway } from "./model-gateway.ts";
import { ModelOutbox, ModelPublisher } from "./model-publisher.ts";
import { ModelRedis } from "./model-redis.ts";
import { disableRules, type Rule } from "./rules.ts";

export type Fault =
  | "gateway cut"
  | "gateway killed"
  | "client cut"
  | "message lost"
  | "reply lost"
  | "failover"
  | "wipe"
  | "old data";

export interface Plan {
  seed: number;
  faults: readonly Fault[];
  off: readonly Rule[];
  logLength: number;
  hasTeams?: boolean;
}
/** Faults after which a missed event may no longer exist. */
const lossy: readonly Fault[] = ["failover", "wipe", "old data"];
const gatewayCount = 3;
const clientCount = 6;
const publisherCount = 3;
const faultChance = 0.03;
const faultCount = 6;
const remembered = 8;
/** Steps with faults after the last publication. */
const stepsAfterLastEvent = 30;
const replicateChance = 0.04;
const headCheckChance = 0.03;
/** Steps between two renewals of the marker in Redis. */
const markerSteps = 3;
const companyId = "acme";
const userIds = ["ana", "ben"] as const;
type Action = () => void;

/** Simulates publishers, one Redis, gateways and clients. Each step runs one randomly chosen action of one of them. */
export class Simulation {
  private readonly off: ReadonlySet<Rule>;
  private readonly random: Random;
  private readonly redis: ModelRedis;
  private readonly oracle: Oracle;
  private readonly gateways: ModelGateway[];
  private readonly clients: ModelClient[];
  private readonly publishers: ModelPublisher[];
  private readonly outbox = new ModelOutbox(remembered);
  private faultsLeft = faultCount;
  private readonly gatewayOf = new Map<ModelClient, ModelGateway>();

  constructor(private readonly plan: Plan) {
    const off = new Set(plan.off);
    this.off = off;
    this.random = new Random(plan.seed);
    this.redis = new ModelRedis(this.random, off, plan.logLength);
    const isWhole = plan.logLength === Number.POSITIVE_INFINITY && !plan.faults.some((fault) => lossy.includes(fault));
    const guarantees: DeliveryGuarantees = {
      mayResync: !isWhole,
      mayReplay: plan.faults.some((fault) => lossy.includes(fault)),
    };
    this.oracle = new Oracle(guarantees);
    this.gateways = Array.from({ length: gatewayCount }, () => new ModelGateway(this.redis, off));
    const first = toCursor(this.redis.openHead());
    this.clients = Array.from({ length: clientCount }, (_, number) => {
      const role = number < 3 ? "agent" : "admin";
      const teams = number === 0 ? ["sales"] : [];
      const reader = { companyId, userId: userIds[number % 2] ?? "", role, teams } as const;
      return new ModelClient(this.oracle.client(`client ${number}`, reader), first, off);
    });
    this.publishers = Array.from(
      { length: publisherCount },
      (_, number) =>
        new ModelPublisher(`p${number}`, {
          redis: this.redis,
          outbox: this.outbox,
          oracle: this.oracle,
          random: this.random,
          off,
          hasTeams: plan.hasTeams ?? false,
        }),
    );
    this.redis.writeMarker({ identity: this.redis.identity, completeAt: 0 });
    this.redis.replicate();
    this.redis.snapshot();
  }

  /** Runs until all events are published and delivered. Returns the violations. */
  async run(): Promise<string[]> {
    const enableRules = disableRules(this.off);
    try {
      await this.play(true);
      await this.play(false);
      for (let round = 0; round < 2; round++) {
        if (!this.off.has("heads are compared periodically"))
          for (const gateway of this.gateways) gateway.compareHeads();
        await this.play(false);
      }
      return this.oracle.violations();
    } finally {
      enableRules();
    }
  }

  private async play(withFaults: boolean): Promise<void> {
    let stepsLeft = stepsAfterLastEvent;
    for (let steps = 0; steps < 20_000; steps++) {
      const actions = this.actions(withFaults);
      if (actions.length === 0) return;
      this.random.pick(actions)();
      if (steps % markerSteps === 0) this.redis.renewMarker(this.outbox.clock);
      if (withFaults) this.injectFaults();
      await new Promise((resolve) => setImmediate(resolve));
      if (withFaults && this.publishers.every((publisher) => publisher.isDone)) stepsLeft -= 1;
      if (stepsLeft === 0) return;
    }
    throw new Error("the simulation did not end within 20,000 steps");
  }

  private injectFaults(): void {
    if (this.random.chance(replicateChance)) this.redis.replicate();
    if (this.random.chance(headCheckChance) && !this.off.has("heads are compared periodically"))
      this.random.pick(this.gateways).compareHeads();
    if (this.plan.faults.length === 0 || this.faultsLeft === 0 || !this.random.chance(faultChance)) return;
    this.faultsLeft -= 1;
    this.fail(this.random.pick(this.plan.faults));
  }

  private fail(fault: Fault): void {
    const { random } = this;
    const gateway = random.pick(this.gateways);
    if (fault === "gateway cut") gateway.cut();
    if (fault === "gateway killed") gateway.kill();
    if (fault === "message lost") (this.gateways.find(({ wire }) => wire.length > 0) ?? gateway).loseOne();
    if (fault === "client cut") this.cutClient(random.pick(this.clients));
    if (fault === "reply lost") random.pick(this.publishers).loseReply();
    if (fault === "failover") this.replaceRedis("replica");
    if (fault === "wipe") this.replaceRedis("empty");
    if (fault === "old data") this.replaceRedis("old");
  }

  private cutClient(client: ModelClient): void {
    this.gatewayOf.get(client)?.leave(client);
  }

  private replaceRedis(as: "replica" | "old" | "empty"): void {
    this.redis.restart(as);
    for (const gateway of this.gateways) gateway.cut();
    for (const publisher of this.publishers) publisher.loseReply();
    if (this.off.has("the outbox is published again")) return;
    this.random.pick(this.publishers).publishAgain();
  }

  private actions(withFaults: boolean): Action[] {
    const actions: Action[] = [];
    const offer = (isPossible: boolean, action: Action) => {
      if (isPossible) actions.push(action);
    };
    for (const publisher of this.publishers) actions.push(...publisher.actions(withFaults));
    for (const gateway of this.gateways) {
      offer(gateway.wire.length > 0, () => gateway.arrive());
      offer(gateway.requests.length > 0, () => gateway.replies.push(gateway.requests.shift()?.() ?? (() => {})));
      offer(gateway.replies.length > 0, () => gateway.replies.shift()?.());
      offer(gateway.deferred.length > 0, () => gateway.deferred.shift()?.());
      offer(!gateway.isLinked, () => gateway.link());
    }
    for (const client of this.clients) {
      offer(client.wire.length > 0, () => client.arrive());
      offer(client.inbox.length > 0, () => client.process());
      offer(!client.isConnected, () => this.connect(client));
    }
    return actions;
  }

  private connect(client: ModelClient): void {
    const linked = this.gateways.filter((gateway) => gateway.isLinked);
    if (linked.length === 0) return;
    const gateway = this.random.pick(linked);
    this.gatewayOf.set(client, gateway);
    gateway.join(client);
  }
}
