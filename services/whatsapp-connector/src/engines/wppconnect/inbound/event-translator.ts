import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@syszap/platform";
import type { Whatsapp } from "@wppconnect-team/wppconnect";
import type { Page } from "puppeteer-core";
import type { z } from "zod";
import type { EngineFact, EngineListener } from "../../contract/engine.ts";
import { type Addresses, isPerson, parseKey } from "./addresses.ts";
import { deleted, type Facts, typingOf } from "./facts.ts";
import { rawJson } from "./raw-json.ts";
import {
  HookedContact,
  VendorAck,
  VendorEdit,
  VendorMessage,
  VendorPresence,
  VendorReaction,
  VendorRevoke,
  VendorUnreadable,
} from "./vendor.ts";

type Telling = EngineFact | undefined;
/** What WhatsApp's page has: messages, older ones of which only what became of them is news, and reactions to any. */
export interface Refetched {
  told: unknown[];
  changed?: unknown[];
  reactions?: unknown[];
}
/** Longer than a page takes to load, sync and be asked on a machine that starts many at once (60 s were seen). */
const longestHoldMs = 120_000;

/** Turns everything that the library and our hooks tell into facts, one after the other, in the order in which it was told. */
export class Hearing {
  private last: Promise<void> = Promise.resolve();
  private held: { before: Promise<void>; release(): void } | undefined;
  private readonly logged = new Set<string>();

  constructor(
    private readonly facts: Facts,
    private readonly addresses: Addresses,
    private readonly listener: EngineListener,
    private readonly log: Logger,
  ) {}

  /** Must be called before the login, else the first messages are missed. */
  async attach(client: Whatsapp, page: Page, isOwn: (waKey: string) => boolean): Promise<void> {
    const { facts } = this;
    this.holdBack();
    page.on("domcontentloaded", () => this.holdBack());
    client.onAnyMessage((message: unknown) =>
      this.hear("message", VendorMessage, message, async (known) => {
        const fact = await facts.message(known);
        // What we sent ourselves is in the record already; what was written on the phone is not.
        return fact?.kind === "message" && fact.direction === 1 && isOwn(fact.waKey) ? undefined : fact;
      }),
    );
    client.onAck((ack: unknown) => this.hear("ack", VendorAck, ack, (known) => facts.ack(known)));
    const onEdit = (edit: unknown) =>
      this.hear("edit", VendorEdit, edit, async (known) => {
        const fact = await facts.edit(known);
        // Shown in the page before WhatsApp took it; once it did, our own record says so.
        return fact?.kind === "edit" && isOwn(fact.editKey) ? undefined : fact;
      });
    client.onMessageEdit(onEdit as never);
    client.onRevokedMessage((revoke: unknown) =>
      this.hear("revoke", VendorRevoke, revoke, (known) => facts.revoke(known)),
    );
    client.onReactionMessage((reaction: unknown) =>
      this.hear("reaction", VendorReaction, reaction, (known) => facts.reaction(known)),
    );
    client.onPresenceChanged((presence: unknown) => this.hearTyping(presence));
    await page.exposeFunction("syszapContact", (change: unknown) =>
      this.hear("contact", HookedContact, change, (known) => facts.contact(known)),
    );
    await page.exposeFunction("syszapPicture", (id: string) => this.pictured(id));
  }
  named(person: { id: string; name: string | null }): void {
    this.tell(() => this.facts.contact(person));
  }
  pictured(id: string): void {
    this.tell(() => this.facts.picture(id));
  }
  /** Messages that were fetched instead of heard, by the same way; what became of them too, since the record may lack it. */
  async refetched(fetched: Refetched): Promise<void> {
    const live = this.last;
    this.last = this.held?.before ?? live;
    for (const message of fetched.changed ?? []) this.became(message);
    for (const message of fetched.told) {
      this.hear("message", VendorMessage, message, (known) => this.facts.message(unlessDeleted(known)));
      this.became(message);
    }
    for (const reaction of fetched.reactions ?? [])
      this.hear("reaction", VendorReaction, reaction, (known) => this.facts.reaction(known));
    const past = this.last;
    this.last = Promise.all([past, live]).then(() => undefined);
    await past;
    this.held?.release();
  }

  private became(message: unknown): void {
    this.hear("ack", VendorMessage, message, ({ id, ack }) => this.facts.ack({ id, ack: ack ?? 0 }));
    this.hear("edit", VendorMessage, message, (known) => this.facts.edit({ id: known.id, msg: known }));
    this.hear("revoke", VendorMessage, message, ({ id, type }) =>
      type === "revoked" ? this.facts.revoke({ refId: id }) : undefined,
    );
  }

  /**
   * A page was loaded: what it tells waits until its past was fetched. WhatsApp tells times in whole seconds, so what came
   * before the listeners would else stand behind what came after them.
   */
  private holdBack(): void {
    if (this.held) return;
    const before = this.last;
    const patience = new AbortController();
    this.held = { before, release: () => patience.abort() };
    this.last = Promise.all([
      before,
      delay(longestHoldMs, undefined, { signal: patience.signal, ref: false }).catch(() => undefined),
    ]).then(() => {
      this.held = undefined;
    });
  }

  private hear<T extends z.ZodType>(
    kind: string,
    schema: T,
    told: unknown,
    toFact: (known: z.infer<T>) => Telling | Promise<Telling>,
  ): void {
    const parsed = schema.safeParse(told);
    if (parsed.success) {
      this.tell(
        () => toFact(parsed.data),
        (fact) => {
          const { waKey, vendorKind } = fact.kind === "message" ? fact : {};
          if (vendorKind !== undefined) this.unknown({ kind, shape: `type ${vendorKind}`, waKey }, told);
        },
      );
      return;
    }
    const shape = parsed.error.issues.map(({ path }) => path.join(".")).join(" ");
    const place = VendorUnreadable.safeParse(told);
    if (!place.success) this.unknown({ kind, shape }, told);
    else if (isPerson(parseKey(place.data.id)?.chat ?? "")) this.unreadable(kind, shape, place.data, told);
  }
  /** A message keeps its place in the chat; what else is about one is only kept. */
  private unreadable(kind: string, shape: string, place: z.infer<typeof VendorUnreadable>, told: unknown): void {
    this.unknown({ kind, shape, waKey: parseKey(place.id)?.waKey }, told);
    if (kind === "message") this.tell(() => this.facts.unreadable(place));
  }
  private tell(toFact: () => Telling | Promise<Telling>, after: (fact: EngineFact) => void = () => undefined): void {
    this.last = this.last
      .then(toFact)
      .then((fact) => {
        if (!fact) return;
        this.listener.fact(fact);
        after(fact);
      })
      .catch((err: unknown) => this.log.error({ err }, "what WhatsApp said was not understood"));
  }
  private hearTyping(told: unknown): void {
    const parsed = VendorPresence.safeParse(told);
    if (!parsed.success || parsed.data.isGroup || !isPerson(parsed.data.id)) return;
    const { id, state } = parsed.data;
    this.addresses
      .person(id)
      .then(({ waChatId }) => this.listener.typing({ waChatId, state: typingOf(state) }))
      .catch((err: unknown) => this.log.debug({ err }, "typing not told"));
  }
  /** Told each time, logged once per shape by the names of the fields: never what stands in them. */
  private unknown(about: { kind: string; shape: string; waKey?: string | undefined }, told: unknown): void {
    const { kind, waKey } = about;
    const shape = about.shape.slice(0, longestShape);
    this.listener.unknownPayload({ kind, shape, raw: rawJson(told), ...(waKey !== undefined && { waKey }) });
    if (this.logged.size >= mostLogged || this.logged.has(`${kind} ${shape}`)) return;
    this.logged.add(`${kind} ${shape}`);
    this.log.error({ kind, shape }, "the library told something of an unknown shape");
  }
}

const longestShape = 200;
const mostLogged = 200;

/** Of a message that was deleted before anybody heard it, WhatsApp keeps the place. So do we: what deletes it follows. */
const unlessDeleted = (message: VendorMessage): VendorMessage =>
  message.type === "revoked" ? { ...message, type: deleted, caption: null } : message;
