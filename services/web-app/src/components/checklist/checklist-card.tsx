import { CircleCheck, MessageSquareText, Smartphone, UserPlus, X } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { IconButton } from "../ui/button.tsx";
import type { Checklist, ChecklistStep } from "./use-checklist.ts";

const icons: { [Step in ChecklistStep]: ReactNode } = {
  people: <UserPlus />,
  number: <Smartphone />,
  message: <MessageSquareText />,
};
/** Where a step is done. The first message is written in the inbox, where the checklist stands. */
const links = {
  people: { to: "/people", label: "checklist:peopleAction" },
  number: { to: "/sessions", label: "checklist:numberAction" },
} as const;

/** Leads the managers of a new company through the first steps. */
export function ChecklistCard({ checklist, className = "" }: { checklist: Checklist; className?: string }) {
  const { t } = useTranslation();
  const { steps, dismiss } = checklist;
  const done = steps.filter(({ isDone }) => isDone).length;
  return (
    <section
      aria-labelledby="checklist-title"
      data-testid="checklist"
      className={`rounded-2xl border border-line bg-surface p-4 shadow-card sm:p-6 ${className}`}
    >
      <header className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <div className="flex flex-wrap items-baseline gap-x-3">
            <h2 id="checklist-title" className="font-semibold text-lg">
              {t("checklist:title")}
            </h2>
            <span className="text-muted text-sm tabular-nums">
              {t("checklist:progress", { done, total: steps.length })}
            </span>
          </div>
          <p className="text-muted text-sm max-md:hidden">{t("checklist:text")}</p>
        </div>
        <IconButton
          label={t("checklist:dismiss")}
          data-testid="checklist-dismiss"
          onClick={dismiss}
          className="-mt-1.5 -mr-2"
        >
          <X className="size-5" />
        </IconButton>
      </header>
      <ol className="mt-2 grid gap-1 md:mt-4">
        {steps.map(({ step, isDone }) => (
          <Step key={step} step={step} isDone={isDone} />
        ))}
      </ol>
    </section>
  );
}

function Step({ step, isDone }: { step: ChecklistStep; isDone: boolean }) {
  const { t } = useTranslation();
  const link = step === "message" ? undefined : links[step];
  return (
    <li data-testid={`checklist-${step}`} data-done={isDone} className="flex items-start gap-3 py-2">
      <span
        aria-hidden="true"
        className={`grid size-9 shrink-0 place-items-center rounded-full [&>svg]:size-4.5 ${isDone ? "bg-accent text-on-accent" : "bg-accent-soft text-accent"}`}
      >
        {isDone ? <CircleCheck /> : icons[step]}
      </span>
      <div className="min-w-0 flex-1">
        <p className={`font-medium ${isDone ? "text-muted line-through" : ""}`}>
          {t(`checklist:${step}`)}
          {isDone && <span className="sr-only"> ({t("checklist:done")})</span>}
        </p>
        {!isDone && <p className="text-muted text-sm max-md:hidden">{t(`checklist:${step}Text`)}</p>}
        {!isDone && link && (
          <Link
            to={link.to}
            className="mt-1.5 inline-flex min-h-10 items-center rounded-lg bg-accent px-3.5 py-2 font-medium text-on-accent text-sm hover:bg-accent-strong"
          >
            {t(link.label)}
          </Link>
        )}
      </div>
    </li>
  );
}
