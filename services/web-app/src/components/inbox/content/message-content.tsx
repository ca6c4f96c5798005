import type { Message } from "@syszap/contracts";
import { ContactCards } from "./contact-cards.tsx";
import { LocationCard } from "./location-card.tsx";
import { PollCard } from "./poll-card.tsx";

/** The structured content of a message. Its body holds the same content as text, for previews. */
export function MessageContent({ message }: { message: Message }) {
  const { location, contacts, poll } = message.content ?? {};
  return (
    <>
      {location && <LocationCard location={location} />}
      {contacts && <ContactCards cards={contacts} sessionId={message.sessionId} />}
      {poll && <PollCard poll={poll} />}
    </>
  );
}

export const hasStructuredContent = ({ content }: Message): boolean =>
  Boolean(content?.location ?? content?.contacts ?? content?.poll);
