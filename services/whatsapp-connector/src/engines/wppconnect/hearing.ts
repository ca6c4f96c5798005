import type { Logger } from "@syszap/platform";
import type { Whatsapp } from "@wppconnect-team/wppconnect";
import type { Page } from "puppeteer-core";
import type { z } from "zod";
import type { EngineFact, EngineListener } from "../engine.ts";
import { type Addresses, isPerson } from "./addresses.ts";
import { type Facts, typingOf } from "./facts.ts";
import {
  HookedContact,
  VendorAck,
  VendorEdit,
  VendorMessage,
  VendorPresence,
  VendorReaction,
  VendorRevoke,
} from "./vendor.ts";

type Telling = EngineFact | undefined;

/** Turns everything that the library and our hooks tell into facts, one after the other, in the order in which it was told. */
export class Hearing {
  private last: Promise<void> = Promise.resolve();
  private readonly unreadable = new Set<string>();

  constructor(
    private readonly facts: Facts,
    private readonly addresses: Addresses,
    private readonly listener: EngineListener,
    private readonly log: Logger,
  ) {}

  /** Must be called before the login, else the first messages are missed. */
  async attach(client: Whatsapp, page: Page, isOwn: (waKey: string) => boolean): Promise<void> {
    const { facts } = this;
    client.onAnyMessage((message: unknown) =>
      this.hear("message", VendorMessage, message, async (known) => {
        const fact = await facts.message(known);
        // What we sent ourselves is in the record already; what was written on the phone is not.
        return fact?.kind === "message" && fact.direction === 1 && isOwn(fact.waKey) ? undefined : fact;
      }),
    );
    client.onAck((ack: unknown) => this.hear("ack", VendorAck, ack, (known) => facts.ack(known)));
    const onEdit = (edit: unknown) => this.hear("edit", VendorEdit, edit, (known) => facts.edit(known));
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
    await page.exposeFunction("syszapPicture", (id: string) => this.tell(() => facts.picture(id)));
  }
  /** Messages that were fetched instead of heard, by the same way; what became of them too, since the record may lack it. */
  async refetched(messages: unknown[]): Promise<void> {
    for (const message of messages) {
      this.hear("message", VendorMessage, message, (known) => this.facts.message(unlessDeleted(known)));
      this.hear("ack", VendorMessage, message, ({ id, ack }) => this.facts.ack({ id, ack: ack ?? 0 }));
      this.hear("edit", VendorMessage, message, (known) => this.facts.edit({ id: known.id, msg: known }));
      this.hear("revoke", VendorMessage, message, ({ id, type }) =>
        type === "revoked" ? this.facts.revoke({ refId: id }) : undefined,
      );
    }
    await this.last;
  }

  private hear<T extends z.ZodType>(
    kind: string,
    schema: T,
    told: unknown,
    toFact: (known: z.infer<T>) => Telling | Promise<Telling>,
  ): void {
    const parsed = schema.safeParse(told);
    if (parsed.success) this.tell(() => toFact(parsed.data));
    else
      this.misunderstood(
        kind,
        parsed.error.issues.map(({ path }) => path.join(".")),
      );
  }
  private tell(toFact: () => Telling | Promise<Telling>): void {
    this.last = this.last
      .then(toFact)
      .then((fact) => {
        if (fact) this.listener.fact(fact);
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
  /** Once per shape, by the names of the fields: never what stands in them. */
  private misunderstood(kind: string, fields: string[]): void {
    const shape = `${kind} ${fields.join(" ")}`;
    if (this.unreadable.has(shape)) return;
    this.unreadable.add(shape);
    this.log.error({ kind, fields }, "the library told something of an unknown shape");
  }
}

/** Of a message that was deleted before anybody heard it, WhatsApp keeps the place. So do we: what deletes it follows. */
const unlessDeleted = (message: VendorMessage): VendorMessage =>
  message.type === "revoked" ? { ...message, type: "unknown", caption: null } : message;
