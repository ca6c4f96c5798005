/** Messages of more chats at once are shown as one notice that counts them. */
export const maxMessageToasts = 2;

/** Ids for message toasts. With two ids there are at most two toasts, so that a busy inbox does not cover the page. */
export class ToastIds {
  /** The chat of each toast, least recently used first. */
  private readonly toasts: { id: string; chatId: string | undefined }[] = Array.from(
    { length: maxMessageToasts },
    (_, index) => ({ id: `message-${index}`, chatId: undefined }),
  );

  /** The id of the chat's toast, or else the least recently used id. */
  idFor(chatId: string): string {
    const index = Math.max(
      0,
      this.toasts.findIndex((toast) => toast.chatId === chatId),
    );
    const [toast] = this.toasts.splice(index, 1);
    const id = toast?.id ?? "message-0";
    this.toasts.push({ id, chatId });
    return id;
  }

  /** The id of the toast that shows the chat, which then belongs to no chat. Undefined if no toast shows it. */
  release(chatId: string): string | undefined {
    const toast = this.toasts.find((each) => each.chatId === chatId);
    if (toast) toast.chatId = undefined;
    return toast?.id;
  }
}
