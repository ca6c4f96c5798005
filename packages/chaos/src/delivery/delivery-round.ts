import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Role, wholeCompany } from "@syszap/contracts";
import { type DeliveryGuarantees, Oracle, Random } from "@syszap/testing/oracle";
import type { Outcome } from "../framework/scenario.ts";
import type { DeliveryEnvironment } from "./delivery-environment.ts";
import { TestClient } from "./test-client.ts";
import { someAudience, type TestPublisher } from "./test-publisher.ts";

const companyCount = 3;
const usersPerCompany = 3;
const teamsPerCompany = 3;
const defaultClientsPerCompany = 4;
const [minPauseMs, maxPauseMs] = [2, 25];
const settleDeadlineMs = 60_000;
const pollIntervalMs = 10;

/** One seed: clients of new companies, and publishers that publish to them. */
export class DeliveryRound {
  readonly random: Random;
  readonly oracle: Oracle;
  /** Publishes only on command; the other publishers publish all the time. */
  readonly loud: TestPublisher;
  private readonly publishers: readonly TestPublisher[];
  readonly companyIds: readonly string[];
  readonly clients: TestClient[] = [];
  /** If not empty: only these clients may receive a gap notice. */
  readonly mayMiss = new Set<TestClient>();
  private readonly userIds: readonly string[];
  private readonly teamIds: readonly string[];
  private isPublishing = false;
  private publishing: Promise<unknown> = Promise.resolve();

  constructor(
    readonly environment: DeliveryEnvironment,
    seed: number,
    guarantees: DeliveryGuarantees,
  ) {
    this.random = new Random(seed);
    this.oracle = new Oracle(guarantees);
    [this.loud, ...this.publishers] = environment.testPublishers(this.oracle);
    this.companyIds = Array.from({ length: companyCount }, () => randomUUID());
    this.userIds = Array.from({ length: usersPerCompany }, () => randomUUID());
    this.teamIds = Array.from({ length: teamsPerCompany }, () => randomUUID());
  }

  async connectClients(perCompany = defaultClientsPerCompany): Promise<void> {
    for (const companyId of this.companyIds) for (let left = perCompany; left > 0; left--) this.add(companyId);
    await Promise.all(this.clients.map((client) => client.connect()));
  }

  private add(companyId: string): void {
    const { environment, random } = this;
    const number = this.clients.length;
    const teams = this.teamIds.filter(() => random.chance(0.4));
    const reader = { companyId, userId: random.pick(this.userIds), role: random.pick(Role.options), teams };
    this.clients.push(
      new TestClient({
        record: this.oracle.client(`client ${number}`, reader),
        url: environment.clientUrl,
        address: `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
        issuer: environment.issuer,
        head: () => environment.publisher.head(companyId),
      }),
    );
  }

  /** Every publisher publishes to every company until `stopPublishing`. */
  startPublishing(): void {
    this.isPublishing = true;
    this.publishing = Promise.all(
      this.publishers.flatMap((publisher) => this.companyIds.map((companyId) => this.publishTo(publisher, companyId))),
    );
  }

  async stopPublishing(): Promise<void> {
    this.isPublishing = false;
    await this.publishing;
  }

  private async publishTo(publisher: TestPublisher, companyId: string): Promise<void> {
    while (this.isPublishing) {
      await publisher.publish(companyId, someAudience(this.random, { userIds: this.userIds, teamIds: this.teamIds }));
      await delay(this.random.between(minPauseMs, maxPauseMs));
    }
  }

  /** Publishes a last event to each company, waits until delivery has settled and returns all violations. */
  async check(): Promise<Outcome> {
    for (const publisher of [this.loud, ...this.publishers])
      for (const companyId of this.companyIds) await publisher.publish(companyId, wholeCompany);
    for (const endsAt = performance.now() + settleDeadlineMs; !this.oracle.isSettled && performance.now() < endsAt; )
      await delay(pollIntervalMs);
    for (const client of this.clients) client.disconnect();
    const unaffected = this.mayMiss.size === 0 ? [] : this.clients.filter((client) => !this.mayMiss.has(client));
    const unexpected = unaffected
      .filter(({ gapCount }) => gapCount > 0)
      .map(() => "a client that the fault does not affect received a gap notice");
    return { violations: [...this.oracle.violations(), ...unexpected], counts: this.oracle.counts() };
  }
}
