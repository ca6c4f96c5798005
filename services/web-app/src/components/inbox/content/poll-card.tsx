import type { Poll } from "@syszap/contracts";
import { BarChart3 } from "lucide-react";
import { useTranslation } from "react-i18next";

/** The question and options of a poll. WhatsApp allows voting on the phone only. */
export function PollCard({ poll }: { poll: Poll }) {
  const { t } = useTranslation();
  return (
    <div data-testid="poll" className="grid w-72 max-w-full gap-2 rounded-xl bg-sunken p-2.5">
      <p dir="auto" className="flex items-start gap-2 font-medium [overflow-wrap:anywhere]">
        <BarChart3 aria-hidden="true" className="mt-0.5 size-5 shrink-0 text-accent" />
        {poll.question}
      </p>
      <ul className="grid gap-1">
        {poll.options.map((option) => (
          <li
            key={option}
            dir="auto"
            className="rounded-lg border border-line px-2.5 py-1 text-sm [overflow-wrap:anywhere]"
          >
            {option}
          </li>
        ))}
      </ul>
      <p className="text-muted text-xs">
        {t(poll.mostChoices === 1 ? "message:content.pollOne" : "message:content.pollSeveral")}{" "}
        {t("message:content.pollOnPhone")}
      </p>
    </div>
  );
}
