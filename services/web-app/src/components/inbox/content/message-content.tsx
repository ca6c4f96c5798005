import type { Message } from "@syszap/contracts";
import { EventCard, OrderCard, PaymentCard, ProductCard } from "./commerce-cards.tsx";
import { ContactCards } from "./contact-cards.tsx";
import { LocationCard } from "./location-card.tsx";
import { PollCard } from "./poll-card.tsx";

/** The structured content of a message. Its body holds the same content as text, for previews. */
export function MessageContent({ message }: { message: Message }) {
  const { location, contacts, poll, order, product, payment, event } = message.content ?? {};
  return (
    <>
      {location && <LocationCard location={location} />}
      {contacts && <ContactCards cards={contacts} sessionId={message.sessionId} />}
      {poll && <PollCard poll={poll} />}
      {order && <OrderCard order={order} />}
      {product && <ProductCard product={product} />}
      {payment && <PaymentCard payment={payment} />}
      {event && <EventCard event={event} />}
    </>
  );
}

/** Whether cards show the whole body. Options of a menu stand below the body instead, and kinds of a newer server have no card. */
export function hasCards({ content }: Message): boolean {
  const { location, contacts, poll, order, product, payment, event } = content ?? {};
  return [location, contacts, poll, order, product, payment, event].some((card) => card !== undefined);
}
