import type { ContactCard } from "@syszap/contracts";
import { MessageCircle } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { describeError } from "../../../i18n/errors.ts";
import { api } from "../../../page/api.ts";
import { Avatar } from "../../ui/avatar.tsx";

/** Contact cards. Numbers with WhatsApp have a button that opens a chat in the same session. */
export function ContactCards({ cards, sessionId }: { cards: ContactCard[]; sessionId: string }) {
  return (
    <ul className="grid w-72 max-w-full gap-1.5">
      {cards.map((card, index) => (
        <li key={index} data-testid="contact-card" className="rounded-xl bg-sunken p-2.5">
          <div className="flex items-center gap-3">
            <Avatar name={card.name} pictureUrl={null} className="size-10 text-sm" />
            <span className="min-w-0 flex-1">
              <span dir="auto" className="block truncate font-medium text-sm">
                {card.name}
              </span>
              {card.organisation && <span className="block truncate text-muted text-xs">{card.organisation}</span>}
            </span>
          </div>
          {card.numbers.map((number) => (
            <div key={number.text} className="mt-1.5 flex items-center justify-between gap-2 text-sm">
              <span className="min-w-0 truncate tabular-nums">{number.text}</span>
              {number.whatsAppNumber && (
                <WriteTo number={number.whatsAppNumber} name={card.name} sessionId={sessionId} />
              )}
            </div>
          ))}
        </li>
      ))}
    </ul>
  );
}

function WriteTo({ number, name, sessionId }: { number: string; name: string; sessionId: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [state, setState] = useState<"idle" | "busy" | { error: string }>("idle");
  const open = async () => {
    setState("busy");
    try {
      const chat = await api.call("openChat", { body: { sessionId, number, name } });
      setState("idle");
      await navigate(`/messages/${chat.id}`);
    } catch (error) {
      setState({ error: describeError(error, t) });
    }
  };
  return (
    <span className="grid shrink-0 justify-items-end">
      <button
        type="button"
        disabled={state === "busy"}
        onClick={() => void open()}
        className="flex items-center gap-1 font-medium text-info disabled:opacity-60"
      >
        <MessageCircle aria-hidden="true" className="size-4" />
        {t("message:content.writeTo")}
      </button>
      {typeof state === "object" && (
        <span role="alert" className="text-danger text-xs">
          {state.error}
        </span>
      )}
    </span>
  );
}
