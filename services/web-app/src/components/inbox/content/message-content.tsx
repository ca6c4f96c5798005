import type { Message } from "@syszap/contracts";
import { ContactCards } from "./contact-cards.tsx";
import { PlaceCard } from "./location-card.tsx";
import { PollCard } from "./poll-card.tsx";

/** What a message says in fields. Its body says the same in words, for where there is no room for this. */
export function MessageContent({ message }: { message: Message }) {
  const { location, contacts, poll } = message.content ?? {};
  return (
    <>
      {location && <PlaceCard place={location} />}
      {contacts && <ContactCards cards={contacts} sessionId={message.sessionId} />}
      {poll && <PollCard poll={poll} />}
    </>
  );
}

export const saysItInFields = ({ content }: Message): boolean =>
  Boolean(content?.location ?? content?.contacts ?? content?.poll);
