import type { Chat, SessionCommand } from "@syszap/contracts";
import type { Database } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import type { Session } from "./session/session.ts";

/** Executes commands for the sessions that run here. Chats are looked up under the company of the channel. */
export class Commands {
  constructor(
    private readonly sessionOf: (companyId: string, sessionId: string) => Session | undefined,
    private readonly database: Database,
    private readonly log: Logger,
  ) {}

  /** Never rejects. The sender does not wait; it receives the outcome as events. */
  async execute(companyId: string, command: SessionCommand): Promise<void> {
    try {
      await this.dispatch(companyId, command);
    } catch (err) {
      this.log.warn({ err, kind: command.kind }, "command failed");
    }
  }

  private async dispatch(companyId: string, command: SessionCommand): Promise<void> {
    switch (command.kind) {
      case "new_qr":
        return this.sessionOf(companyId, command.sessionId)?.newQr();
      case "pair_by_phone":
        return this.sessionOf(companyId, command.sessionId)?.pairByPhone();
      case "proxy_changed":
      case "groups_changed":
        return this.sessionOf(companyId, command.sessionId)?.settingsChanged();
      case "send_queued":
        return this.sessionOf(companyId, command.sessionId)?.sendQueued();
      case "log_out":
        return this.sessionOf(companyId, command.sessionId)?.logOut();
      case "mark_read": {
        if (!this.sessionOf(companyId, command.sessionId)) return;
        const chat = await this.chat(companyId, command.chatId);
        if (chat?.sessionId === command.sessionId) await this.sessionOf(companyId, chat.sessionId)?.markRead(chat);
        return;
      }
      case "typing": {
        const { chatId, userId } = command;
        const chat = await this.database.withPerson({ companyId, userId }, (unit) => unit.chats.find(chatId));
        if (chat) await this.sessionOf(companyId, chat.sessionId)?.agentTypes(chat, command);
      }
    }
  }

  private chat(companyId: string, chatId: string): Promise<Chat | undefined> {
    return this.database.withCompany(companyId, (unit) => unit.chats.find(chatId));
  }
}
