import { deadLetterStates } from "@syszap/contracts/constants";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, RotateCw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import { Empty, ErrorText, LoadMore, QueryList } from "../ui/states.tsx";
import { DeadLetterCard } from "./dead-letter-card.tsx";
import type { DeadLetterSource, DeadLetterState, RedriveResult } from "./dead-letter-source.ts";
import { useDeadLetters } from "./use-dead-letters.ts";

interface DeadLettersProps {
  source: DeadLetterSource;
  showsCompany?: boolean;
}

/** Dead letters by state, with the actions on one and on all of them. */
export function DeadLetters({ source, showsCompany = false }: DeadLettersProps) {
  const { t } = useTranslation();
  const [state, setState] = useState<DeadLetterState>("resting");
  const [requestedAtMs, setRequestedAtMs] = useState(0);
  const { query, items: letters } = useDeadLetters(source, state, requestedAtMs);
  const cache = useQueryClient();
  const refetch = () => cache.invalidateQueries({ queryKey: ["dead-letters", source.name] });
  const onChanged = () => {
    setRequestedAtMs(Date.now());
    return refetch();
  };
  const redriveAll = useMutation({ mutationFn: source.redriveAll, onSettled: onChanged });
  return (
    <div className="grid gap-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <Tabs state={state} onChange={setState} />
        <div className="flex gap-2">
          <Button data-testid="letters-refresh" onClick={() => void refetch()}>
            {t("common:refresh")}
          </Button>
          {state === "resting" && (
            <Button
              look="primary"
              data-testid="redrive-all"
              disabled={redriveAll.isPending || !letters?.some(({ mayRedrive }) => mayRedrive)}
              onClick={() => redriveAll.mutate()}
            >
              <RotateCw className="size-4" /> {t("dead-letters:redriveAll")}
            </Button>
          )}
        </div>
      </div>
      <ErrorText error={redriveAll.error} className="" />
      {!redriveAll.error && redriveAll.data && <RedriveOutcome result={redriveAll.data} />}
      <QueryList query={query} items={letters} empty={<NoDeadLetters state={state} />}>
        {(rows) => (
          <ul className="grid gap-3">
            {rows.map((letter) => (
              <DeadLetterCard
                key={letter.id}
                letter={letter}
                source={source}
                showsCompany={showsCompany}
                onChanged={() => void onChanged()}
              />
            ))}
          </ul>
        )}
      </QueryList>
      <LoadMore query={query} />
    </div>
  );
}

function Tabs({ state, onChange }: { state: DeadLetterState; onChange: (state: DeadLetterState) => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="flex flex-wrap gap-1 rounded-xl bg-hover p-1">
      <legend className="sr-only">{t("dead-letters:show")}</legend>
      {deadLetterStates.map((each) => (
        <button
          key={each}
          type="button"
          aria-pressed={each === state}
          data-testid={`letters-${each}`}
          onClick={() => onChange(each)}
          className={`min-h-9 rounded-lg px-3 font-medium text-sm ${each === state ? "bg-surface text-ink shadow-sm" : "text-muted hover:text-ink"}`}
        >
          {t(`dead-letters:states.${each}`)}
        </button>
      ))}
    </fieldset>
  );
}

function NoDeadLetters({ state }: { state: DeadLetterState }) {
  const { t } = useTranslation();
  if (state !== "resting") return <p className="p-8 text-center text-muted">{t("dead-letters:emptyFilter")}</p>;
  return <Empty icon={<CircleCheck />} title={t("dead-letters:empty")} text={t("dead-letters:emptyText")} />;
}

function RedriveOutcome({ result: { redriven, remaining } }: { result: RedriveResult }) {
  const { t } = useTranslation();
  return (
    <p role="status" className="text-muted">
      {t("dead-letters:redrivenAll", { count: redriven })}{" "}
      {remaining > 0 && t("dead-letters:remaining", { count: remaining })}
    </p>
  );
}
