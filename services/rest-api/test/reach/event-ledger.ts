import { channels, type DurableEvent, keys } from "@syszap/contracts";
import { splitPayload } from "@syszap/event-bus";
import type { Person, TestCompany, Views } from "./company.ts";

export interface PublishedEvent {
  seq: number;
  id: string;
  type: string;
  /** The people who could see the event's chat when it was committed. */
  seenBy: ReadonlySet<Person>;
}

/** The events of the company's log, each with the people who must receive it. Independent of the audiences in the log. */
export class EventLedger {
  readonly events: PublishedEvent[] = [];

  constructor(private readonly company: TestCompany) {}

  /** Reads the events that a step published. A step that changed views shows an event to those who saw the chat before or after it. */
  async readOn(before: Views, after: Views): Promise<readonly PublishedEvent[]> {
    const { api, id } = this.company;
    const last = this.events.at(-1)?.seq ?? 0;
    const entries = await api.redis.xrangeBuffer(keys.log(channels.company(id)), `(${last}`, "+");
    const added = entries.map(([entryId, fields]) => {
      const frame = splitPayload(fields[1] as Buffer)?.frame;
      if (!frame) throw new Error("an entry of the log is not readable");
      const event: DurableEvent = JSON.parse(frame.toString());
      const sessions = this.sessionsOf(event);
      const seenBy = this.company.people.filter((person) =>
        [before, after].some((views) => sessions.some((session) => views.get(person)?.sees.has(session))),
      );
      return { seq: Number.parseInt(entryId.toString(), 10), id: event.id, type: event.type, seenBy: new Set(seenBy) };
    });
    this.events.push(...added);
    return added;
  }

  /** The positions of the events that a connection of the person receives after a position. */
  expectedBy(person: Person, from: number): number[] {
    return this.events.flatMap(({ seq, type, seenBy }) =>
      seq > from && type !== "access_changed" && (type === "session_status" || seenBy.has(person)) ? seq : [],
    );
  }

  private sessionsOf({ type, data }: DurableEvent) {
    const { chats, clients } = this.company;
    switch (type) {
      case "new_message":
      case "message_update":
      case "message_status":
        return chats.flatMap((chat) => (chat.id === data.Chat_Id ? chat.session : []));
      case "chat_update":
        return chats.flatMap((chat) => (chat.id === data.Id ? chat.session : []));
      case "new_client":
      case "client_update":
        return clients.flatMap((client) => (client.id === data.Id ? this.company.sessionsOf(client) : []));
      case "session_status":
      case "access_changed":
        return [];
      case "chat_gone":
        throw new Error("no step moves a single chat");
    }
  }
}
