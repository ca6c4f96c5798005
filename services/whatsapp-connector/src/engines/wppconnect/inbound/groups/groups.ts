import { maxGroupParticipants, type Note } from "@syszap/contracts";
import type { EngineFact } from "../../../contract/engine.ts";
import type { PageGroup } from "../../page/groups.ts";
import { type Addresses, isGroup } from "../addresses.ts";

type MessageFact = Extract<EngineFact, { kind: "message" }>;
type GroupFact = Extract<EngineFact, { kind: "group" }>;

const maxDescribed = 5_000;
/** Notes after which the subject, the participants or their roles differ. */
const changes: ReadonlySet<Note["event"]> = new Set([
  ...(["group_created", "subject_changed", "joined", "added", "left", "removed", "promoted", "demoted"] as const),
  "number_changed",
]);

/** Describes groups: each before its first message, and again after a note that reports a change. */
export class Groups {
  /** Whether the session receives groups. Otherwise nothing is read from the page. */
  private included = false;
  private readonly described = new Set<string>();

  constructor(
    private readonly addresses: Addresses,
    /** Resolves with null if the page does not have the group. */
    private readonly read: (wanted: { id: string; maxParticipants: number }) => Promise<PageGroup | null>,
  ) {}

  get isIncluded(): boolean {
    return this.included;
  }

  include(isIncluded: boolean): void {
    this.included = isIncluded;
    this.described.clear();
  }

  /** Adds the descriptions of the groups to facts. Messages are emitted also if a group cannot be read. */
  async complete(facts: EngineFact[]): Promise<EngineFact[]> {
    if (!this.included) return facts;
    const messages = facts.filter((fact) => fact.kind === "message" && isGroup(fact.waChatId)) as MessageFact[];
    const before: EngineFact[] = [];
    const after: EngineFact[] = [];
    for (const id of new Set(messages.map(({ waChatId }) => waChatId))) {
      const events = messages.flatMap(({ waChatId, content }) => (waChatId === id && content?.note?.event) || []);
      const isNew = !this.described.has(id);
      const description = isNew || events.some((event) => changes.has(event)) ? await this.describe(id) : undefined;
      if (description) (isNew ? before : after).push(description);
      if (events.includes("picture_changed"))
        after.push({ kind: "group", waChatId: id, pictureChanged: true, timestampMs: Date.now() });
    }
    return [...before, ...facts, ...after];
  }

  private async describe(id: string): Promise<GroupFact | undefined> {
    const group = await this.read({ id, maxParticipants: maxGroupParticipants }).catch(() => null);
    if (!group) return undefined;
    if (this.described.size >= maxDescribed) this.described.clear();
    this.described.add(id);
    const { subject, isMember } = group;
    const participants = group.participants.map((each) => this.participantOf(each));
    return {
      kind: "group",
      waChatId: id,
      ...(subject !== null && { subject }),
      isMember,
      // A group that WhatsApp has not loaded has none.
      ...(participants.length > 0 && { participants }),
      timestampMs: Date.now(),
    };
  }

  private participantOf({ id, number, name, isAdmin, isOwner }: PageGroup["participants"][number]) {
    const role = isOwner ? ("owner" as const) : isAdmin ? ("admin" as const) : ("member" as const);
    return { ...this.addresses.addressOf(id, number), name, role };
  }
}
