import type { GroupMetadataModel } from "./group-models.ts";
import type { MsgModel } from "./message-model.ts";
import { Collection, Model } from "./model.ts";
import type { MsgKey, Wid } from "./wid.ts";

const widOf = (model: Model): Wid | null => (model.attributes?.id as Wid | undefined) ?? null;

/**
 * Properties that return null. If they were undefined, wa-js would compute them with functions that exist only on the
 * real page.
 */
const nullProperties =
  "canRequestPhoneNumber displayNameOrPnForLid formattedPhone formattedShortNameWithNonBreakingSpaces formattedUser header isBroadcast isDisplayNameApproved isIAS isPSA isSupportAccount mentionName pnForLid searchName searchVerifiedName shouldForceBusinessUpdate showBusinessCheckmarkAsPrimary showBusinessCheckmarkAsSecondary showBusinessCheckmarkInChatlist userhash notifyName".split(
    " ",
  );

export class ContactModel extends Model {
  get userid() {
    return widOf(this)?.user ?? null;
  }

  get formattedName() {
    return this.attributes ? (this.attributes.name ?? this.attributes.pushname ?? this.userid) : null;
  }

  get formattedShortName() {
    return this.formattedName;
  }

  get isMyContact() {
    return this.attributes ? this.attributes.name !== null : null;
  }

  get isMe() {
    return this.attributes ? this.attributes.isSelf === true : null;
  }

  get isWAContact() {
    return this.attributes ? true : null;
  }

  get isUser() {
    return widOf(this)?.isUser() ?? null;
  }

  get isGroup() {
    return widOf(this)?.isGroup() ?? null;
  }
}
for (const name of nullProperties) {
  Object.defineProperty(ContactModel.prototype, name, { configurable: true, get: () => null });
}
Object.defineProperty(ContactModel.prototype, "proxyName", { value: "contact" });

export class PresenceModel extends Model {
  readonly chatstate = new Model({ type: null, deny: false });
  /** `watch` subscribes to the contact's typing state on the server. */
  constructor(
    id: Wid,
    private readonly watch: () => void,
  ) {
    super({ id, isOnline: false, isGroup: id.isGroup(), isUser: id.isUser(), hasData: false });
  }

  async subscribe(): Promise<void> {
    this.watch();
  }
}

export class ChatModel extends Model {
  readonly msgs = new Collection<MsgModel>();
  presence: PresenceModel | undefined;
  contact: ContactModel | undefined;
  /** Reads the metadata of a group, if it is loaded. */
  readMetadata: () => GroupMetadataModel | undefined = () => undefined;

  get groupMetadata() {
    return this.attributes ? (this.readMetadata() ?? null) : null;
  }

  get isGroup() {
    return widOf(this)?.isGroup() ?? null;
  }

  get isUser() {
    return widOf(this)?.isUser() ?? null;
  }

  get isPSA() {
    return null;
  }

  get isNewsletter() {
    return widOf(this)?.isNewsletter() ?? null;
  }

  get hasUnread() {
    return this.attributes ? Number(this.attributes.unreadCount ?? 0) > 0 : null;
  }

  get lastReceivedKey(): MsgKey | null {
    if (!this.attributes) return null;
    return (this.msgs._models.at(-1)?.id as MsgKey | undefined) ?? null;
  }

  get shouldAppearInList() {
    return this.attributes ? true : null;
  }

  get previewMessage() {
    return null;
  }

  get showChangeNumberNotification() {
    return null;
  }
}
Object.defineProperty(ChatModel.prototype, "proxyName", { value: "chat" });
