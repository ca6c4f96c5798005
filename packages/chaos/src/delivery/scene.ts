import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { Role, wholeCompany } from "@syszap/contracts";
import { type DeliveryGuarantees, Oracle, Random } from "@syszap/testing/oracle";
import type { Outcome } from "../scenario.ts";
import type { Ground } from "./ground.ts";
import { Person } from "./person.ts";
import { type Speaker, someAudience } from "./speaker.ts";

const companyCount = 3;
const usersOfCompany = 3;
const peopleOfCompany = 4;
const [shortestPauseMs, longestPauseMs] = [2, 25];
const calmWithinMs = 30_000;
const lookEveryMs = 10;

/** People of a few new companies in front of their pages, and publishers who talk to them. */
export class Scene {
  readonly random: Random;
  readonly oracle: Oracle;
  /** Says nothing unless told to; the others go on talking meanwhile. */
  readonly loud: Speaker;
  private readonly speakers: readonly Speaker[];
  readonly companyIds: readonly string[];
  readonly people: Person[] = [];
  /** Where only some may be told of a hole: those. Empty: whoever the guarantees say. */
  readonly mayMiss = new Set<Person>();
  private readonly userIds: readonly string[];
  private isTalking = false;
  private talk: Promise<unknown> = Promise.resolve();

  constructor(
    readonly ground: Ground,
    seed: number,
    guarantees: DeliveryGuarantees,
  ) {
    this.random = new Random(seed);
    this.oracle = new Oracle(guarantees);
    [this.loud, ...this.speakers] = ground.speakers(this.oracle);
    this.companyIds = Array.from({ length: companyCount }, () => randomUUID());
    this.userIds = Array.from({ length: usersOfCompany }, () => randomUUID());
  }

  /** Some in each company, all connected. */
  async gather(ofEach = peopleOfCompany): Promise<void> {
    for (const companyId of this.companyIds) for (let left = ofEach; left > 0; left--) this.add(companyId);
    await Promise.all(this.people.map((person) => person.join()));
  }

  private add(companyId: string): void {
    const { ground, random } = this;
    const number = this.people.length;
    const reader = { companyId, userId: random.pick(this.userIds), role: random.pick(Role.options) };
    this.people.push(
      new Person({
        record: this.oracle.client(`person ${number}`, reader),
        url: ground.clientUrl,
        address: `10.${(number >> 16) & 255}.${(number >> 8) & 255}.${number & 255}`,
        issuer: ground.issuer,
        head: () => ground.publisher.head(companyId),
      }),
    );
  }

  /** Every publisher talks to every company, until `fallSilent`. */
  beginTalking(): void {
    this.isTalking = true;
    this.talk = Promise.all(
      this.speakers.flatMap((speaker) => this.companyIds.map((companyId) => this.talkTo(speaker, companyId))),
    );
  }

  async fallSilent(): Promise<void> {
    this.isTalking = false;
    await this.talk;
  }

  private async talkTo(speaker: Speaker, companyId: string): Promise<void> {
    while (this.isTalking) {
      await speaker.say(companyId, someAudience(this.random, this.userIds));
      await delay(this.random.between(shortestPauseMs, longestPauseMs));
    }
  }

  /** After everything: a last word to each, time to come to rest, and what is wrong with what was heard. */
  async judge(): Promise<Outcome> {
    for (const speaker of [this.loud, ...this.speakers])
      for (const companyId of this.companyIds) await speaker.say(companyId, wholeCompany);
    for (const endsAt = performance.now() + calmWithinMs; !this.oracle.isSettled && performance.now() < endsAt; )
      await delay(lookEveryMs);
    for (const person of this.people) person.leave();
    const spared = this.mayMiss.size === 0 ? [] : this.people.filter((person) => !this.mayMiss.has(person));
    const bothered = spared
      .filter(({ holes }) => holes > 0)
      .map(() => "somebody whom it did not concern was told of a hole");
    return { violations: [...this.oracle.violations(), ...bothered], counts: this.oracle.counts() };
  }
}
