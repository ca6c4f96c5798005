const slotCount = 2;

/** However busy the inbox is, message notices take two places: a page that is covered by notices can't be used. */
export class NoticeSlots {
  /** The chat that each place shows, the one that changed least recently first. */
  private readonly slots: { id: string; chatId: string | undefined }[] = Array.from(
    { length: slotCount },
    (_, index) => ({ id: `message-${index}`, chatId: undefined }),
  );

  /** The place of this chat, else the one that is oldest. */
  take(chatId: string): string {
    const index = Math.max(
      0,
      this.slots.findIndex((slot) => slot.chatId === chatId),
    );
    const [slot] = this.slots.splice(index, 1);
    const id = slot?.id ?? "message-0";
    this.slots.push({ id, chatId });
    return id;
  }
}
