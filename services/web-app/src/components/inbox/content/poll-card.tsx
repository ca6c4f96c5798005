import type { Poll } from "@syszap/contracts";
import { BarChart3 } from "lucide-react";
import { useTranslation } from "react-i18next";

/** The question, the options and the votes of a poll. WhatsApp allows voting on the phone only. */
export function PollCard({ poll }: { poll: Poll }) {
  const { t } = useTranslation();
  const votes = (poll.votes ?? []).flatMap((vote) => vote.options);
  return (
    <div data-testid="poll" className="grid w-72 max-w-full gap-2 rounded-xl bg-sunken p-2.5">
      <p dir="auto" className="flex items-start gap-2 font-medium [overflow-wrap:anywhere]">
        <BarChart3 aria-hidden="true" className="mt-0.5 size-5 shrink-0 text-accent" />
        {poll.question}
      </p>
      <ul className="grid gap-1">
        {poll.options.map((option) => {
          const count = votes.filter((chosen) => chosen === option).length;
          return (
            <li
              key={option}
              className={`flex justify-between gap-2 rounded-lg border px-2.5 py-1 text-sm ${count > 0 ? "border-accent bg-accent-soft" : "border-line"}`}
            >
              <span dir="auto" className="[overflow-wrap:anywhere]">
                {option}
              </span>
              {count > 0 && (
                <span
                  aria-label={t("message:content.votes", { count })}
                  role="img"
                  className="font-semibold text-accent"
                >
                  {count}
                </span>
              )}
            </li>
          );
        })}
      </ul>
      <p className="text-muted text-xs">
        {t(poll.mostChoices === 1 ? "message:content.pollOne" : "message:content.pollSeveral")}{" "}
        {t("message:content.pollOnPhone")}
      </p>
    </div>
  );
}
