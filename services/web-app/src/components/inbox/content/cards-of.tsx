import type { Message } from "@syszap/contracts";
import type { ReactNode } from "react";
import { EventCard, OrderCard, PaymentCard, ProductCard } from "./commerce-cards.tsx";
import { ContactCards } from "./contact-cards.tsx";
import { LocationCard } from "./location-card.tsx";
import { PollCard } from "./poll-card.tsx";

/**
 * The cards that show the structured content of a message. If there are any, they show the whole body, which has the same content as
 * text. Options of a menu stand below the body instead, and kinds of a newer server have no card.
 */
export function cardsOf({ content, sessionId }: Message): ReactNode[] {
  const { location, contacts, poll, order, product, payment, event } = content ?? {};
  return [
    location && <LocationCard key="location" location={location} />,
    contacts && <ContactCards key="contacts" cards={contacts} sessionId={sessionId} />,
    poll && <PollCard key="poll" poll={poll} />,
    order && <OrderCard key="order" order={order} />,
    product && <ProductCard key="product" product={product} />,
    payment && <PaymentCard key="payment" payment={payment} />,
    event && <EventCard key="event" event={event} />,
  ].filter((card) => card !== undefined);
}
