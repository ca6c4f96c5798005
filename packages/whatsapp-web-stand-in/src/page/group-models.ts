import type { WireGroup } from "../protocol/protocol.ts";
import { Collection, Model } from "./model.ts";
import { Wid } from "./wid.ts";

/** A participant of a group (wa-js, ParticipantModel). */
export class ParticipantModel extends Model {}
Object.defineProperty(ParticipantModel.prototype, "proxyName", { value: "participant" });

/** wa-js identifies the class by `iAmMember`. */
export class ParticipantCollection extends Collection<ParticipantModel> {
  constructor(private readonly isMe: (wid: unknown) => boolean) {
    super();
  }

  iAmMember(): boolean {
    return this.some(({ id }) => this.isMe(id));
  }

  iAmAdmin(): boolean {
    return this.some(({ id, attributes }) => this.isMe(id) && attributes.isAdmin === true);
  }

  replace(participants: WireGroup["participants"]): void {
    for (const known of this.getModelsArray()) this.remove(known);
    for (const { id, isAdmin, isSuperAdmin } of participants)
      this.add(new ParticipantModel({ id: new Wid(id), isAdmin, isSuperAdmin }));
  }
}

/** Metadata of a group (wa-js, GroupMetadataModel). */
export class GroupMetadataModel extends Model {
  readonly participants: ParticipantCollection;

  constructor(id: Wid, isMe: (wid: unknown) => boolean) {
    super({ id });
    this.participants = new ParticipantCollection(isMe);
  }
}
Object.defineProperty(GroupMetadataModel.prototype, "proxyName", { value: "groupMetadata" });

/**
 * As on the real page, a group's metadata is loaded when it is requested first. wa-js identifies the class by
 * `onParentGroupChange`.
 */
export class GroupMetadataCollection extends Collection<GroupMetadataModel> {
  private readonly known = new Map<string, WireGroup>();
  isMe: (wid: unknown) => boolean = () => false;

  onParentGroupChange(): void {}

  override async find(id: unknown): Promise<GroupMetadataModel | undefined> {
    const group = this.known.get(String(id));
    return this.get(id) ?? (group && this.load(group));
  }

  /** Applies what the server reports. Metadata that is not loaded is only kept. */
  update(group: WireGroup): void {
    this.known.set(group.id, group);
    if (this.get(group.id)) this.load(group);
  }

  subjectOf(id: unknown): string | undefined {
    return this.known.get(String(id))?.subject;
  }

  private load(group: WireGroup): GroupMetadataModel {
    const wid = new Wid(group.id);
    const model = this.get(wid) ?? this.add(new GroupMetadataModel(wid, this.isMe));
    const { subject, creation, isLidAddressingMode, announce, participants } = group;
    model.participants.replace(participants);
    return model.set({ subject, creation, isLidAddressingMode, announce, size: participants.length });
  }
}
