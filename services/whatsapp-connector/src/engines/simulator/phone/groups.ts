import { randomInt } from "node:crypto";
import type { Note } from "@syszap/contracts";
import type { EngineFact } from "../../contract/engine.ts";
import type { PhoneMemory, SimulatedGroup } from "./memory.ts";

export interface NewGroup {
  subject: string;
  owner: string;
  /** Besides the owner and the phone. */
  members: string[];
}

/** An action in a group, which WhatsApp shows as a note. */
export interface GroupChange {
  event: Note["event"];
  /** Number of the person who acts. Absent: WhatsApp names nobody. */
  by?: string | undefined;
  /** Numbers of the people who are added, removed, promoted, demoted, or who joined or left. */
  members?: string[] | undefined;
  /** The new subject or description. */
  text?: string | undefined;
  /** With `settings_changed`. */
  onlyAdmins?: boolean | undefined;
}

/** Notes after which the description of the group differs. */
const changes: ReadonlySet<Note["event"]> = new Set([
  ...(["group_created", "subject_changed", "joined", "added", "left", "removed", "promoted", "demoted"] as const),
]);

/** The groups of a simulated phone. */
export class SimulatedGroups {
  private isIncluded = false;
  private readonly described = new Set<string>();

  constructor(private readonly memory: PhoneMemory) {}

  include(isIncluded: boolean): void {
    this.isIncluded = isIncluded;
    this.described.clear();
  }

  find(id: string): SimulatedGroup | undefined {
    return this.memory.remembered.groups?.[id];
  }

  /** Returns the id of the group. */
  create({ subject, owner, members }: NewGroup): string {
    const id = `1203630${randomInt(10 ** 11, 10 ** 12)}@g.us`;
    const participants = [...new Set([owner, this.own, ...members])].map((number) => ({
      number,
      role: number === owner ? ("owner" as const) : ("member" as const),
    }));
    const group = { subject, onlyAdmins: false, pictureChanges: 0, participants };
    this.memory.remembered.groups = { ...this.memory.remembered.groups, [id]: group };
    this.memory.changed();
    return id;
  }

  /** Applies the change and returns its note. */
  change(id: string, { event, by, members = [], text, onlyAdmins }: GroupChange): Note {
    const group = this.find(id);
    if (!group) throw new Error(`there is no group ${id}`);
    if (event === "subject_changed" && text !== undefined) group.subject = text;
    if (event === "picture_changed") group.pictureChanges += 1;
    if (onlyAdmins !== undefined) group.onlyAdmins = onlyAdmins;
    if (event === "added" || event === "joined") {
      for (const number of members) group.participants.push({ number, role: "member" });
    }
    if (event === "removed" || event === "left")
      group.participants = group.participants.filter(({ number }) => !members.includes(number));
    if (event === "promoted" || event === "demoted") {
      const role = event === "promoted" ? "admin" : "member";
      group.participants = group.participants.map((each) => (members.includes(each.number) ? { ...each, role } : each));
    }
    this.memory.changed();
    return {
      event,
      ...(by !== undefined && { actor: by === this.own ? null : this.named(by) }),
      ...(members.length > 0 && { targets: members.map((number) => this.named(number)) }),
      ...(text !== undefined && { text }),
    };
  }

  /** Adds the descriptions of groups to facts: before the first message, and after a note that reports a change. */
  complete(facts: EngineFact[]): EngineFact[] {
    if (!this.isIncluded) return facts;
    return facts.flatMap((fact) => {
      if (fact.kind !== "message" || !this.find(fact.waChatId)) return [fact];
      const { waChatId } = fact;
      const event = fact.content?.note?.event;
      const isNew = !this.described.has(waChatId);
      this.described.add(waChatId);
      return [
        ...(isNew ? [this.describe(waChatId)] : []),
        fact,
        ...(!isNew && event && changes.has(event) ? [this.describe(waChatId)] : []),
        ...(event === "picture_changed" ? [this.pictureChanged(waChatId)] : []),
      ];
    });
  }

  private describe(waChatId: string): EngineFact {
    const { subject = "", participants = [] } = this.find(waChatId) ?? {};
    return {
      kind: "group",
      waChatId,
      subject,
      isMember: participants.some(({ number }) => number === this.own),
      participants: participants.map(({ number, role }) => ({ ...this.named(number), role })),
      timestampMs: Date.now(),
    };
  }

  private pictureChanged(waChatId: string): EngineFact {
    return { kind: "group", waChatId, pictureChanged: true, timestampMs: Date.now() };
  }

  private get own(): string {
    return this.memory.remembered.phoneNumber;
  }

  private named(number: string) {
    return { number, name: this.memory.remembered.names[number] ?? null };
  }
}
