/** Functions that read groups and people in WhatsApp's page; the rules of `page/account.ts` apply. */

interface PageModel {
  id: { toString(): string };
  [attribute: string]: unknown;
}

interface PageMetadata extends PageModel {
  participants: { getModelsArray(): PageModel[]; iAmMember(): boolean };
}

interface ReadyPage {
  WPP: {
    chat: { get(id: string): PageModel | undefined };
    contact: { getPnLidEntry(id: string): Promise<{ phoneNumber?: { id: string } }> };
    whatsapp: {
      ContactStore: { get(id: string): PageModel | undefined };
      GroupMetadataStore: { find(id: object): Promise<PageMetadata | undefined> };
    };
  };
}

export interface PageGroup {
  subject: string | null;
  isMember: boolean;
  participants: {
    id: string;
    /** Null: WhatsApp does not know the phone number of the LID. */
    number: string | null;
    name: string | null;
    isAdmin: boolean;
    isOwner: boolean;
  }[];
}

/** Returns null if the page does not have the group. */
export async function readGroup(wanted: { id: string; maxParticipants: number }): Promise<PageGroup | null> {
  const { WPP } = globalThis as unknown as ReadyPage;
  const chat = WPP.chat.get(wanted.id);
  if (!chat) return null;
  const metadata = await WPP.whatsapp.GroupMetadataStore.find(chat.id);
  const participants: PageGroup["participants"] = [];
  for (const each of metadata?.participants.getModelsArray().slice(0, wanted.maxParticipants) ?? []) {
    const id = String(each.id);
    let number: string | null = id.split("@")[0] ?? null;
    if (id.endsWith("@lid")) {
      try {
        number = (await WPP.contact.getPnLidEntry(id)).phoneNumber?.id ?? null;
      } catch {
        number = null;
      }
    }
    const contact = WPP.whatsapp.ContactStore.get(id) ?? WPP.whatsapp.ContactStore.get(`${number}@c.us`);
    const name = contact?.name ?? contact?.pushname ?? contact?.verifiedName ?? contact?.notifyName ?? null;
    const roles = { isAdmin: each.isAdmin === true, isOwner: each.isSuperAdmin === true };
    participants.push({ id, number, name: name as string | null, ...roles });
  }
  const subject = metadata?.subject ?? chat.name ?? chat.formattedTitle ?? null;
  return {
    subject: typeof subject === "string" ? subject : null,
    isMember: metadata?.participants.iAmMember() ?? true,
    participants,
  };
}

/** Returns the name of a person, under any of the ids; null if WhatsApp knows none. */
export function readName(ids: string[]): string | null {
  const { ContactStore } = (globalThis as unknown as ReadyPage).WPP.whatsapp;
  for (const id of ids) {
    const contact = ContactStore.get(id);
    const name = contact?.name ?? contact?.pushname ?? contact?.verifiedName ?? contact?.notifyName;
    if (typeof name === "string" && name !== "") return name;
  }
  return null;
}
