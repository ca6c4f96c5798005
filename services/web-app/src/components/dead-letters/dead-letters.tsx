import { useMutation, useQueryClient } from "@tanstack/react-query";
import { CircleCheck, RotateCw } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { DeadLetterApi, DeadLetterState } from "../../api/dead-letters.ts";
import { describeError } from "../../i18n/errors.ts";
import { Button } from "../ui/button.tsx";
import { Empty, Failure, Loading } from "../ui/states.tsx";
import { DeadLetterCard } from "./dead-letter-card.tsx";
import { useDeadLetters } from "./use-dead-letters.ts";

const states: DeadLetterState[] = ["resting", "redriving", "solved", "discarded"];

interface DeadLettersProps {
  api: DeadLetterApi;
  showsCompany?: boolean;
}

/** Failures by state, with what can be done about each and about all. */
export function DeadLetters({ api, showsCompany = false }: DeadLettersProps) {
  const { t } = useTranslation();
  const [state, setState] = useState<DeadLetterState>("resting");
  const [askedAtMs, setAskedAtMs] = useState(0);
  const { query, letters } = useDeadLetters(api, state, askedAtMs);
  const cache = useQueryClient();
  const refetch = () => cache.invalidateQueries({ queryKey: ["dead-letters", api.path] });
  const changed = () => {
    setAskedAtMs(Date.now());
    return refetch();
  };
  const redriveAll = useMutation({ mutationFn: api.redriveAll, onSettled: changed });
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
      <Outcome mutation={redriveAll} />
      {query.isError && !letters ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : !letters ? (
        <Loading />
      ) : letters.length === 0 ? (
        <Nothing state={state} />
      ) : (
        <ul className="grid gap-3">
          {letters.map((letter) => (
            <DeadLetterCard key={letter.id} {...{ letter, api, showsCompany }} onChanged={() => void changed()} />
          ))}
        </ul>
      )}
      {query.hasNextPage && (
        <Button disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
          {t("common:loadMore")}
        </Button>
      )}
    </div>
  );
}

function Tabs({ state, onChange }: { state: DeadLetterState; onChange: (state: DeadLetterState) => void }) {
  const { t } = useTranslation();
  return (
    <fieldset className="flex flex-wrap gap-1 rounded-xl bg-hover p-1">
      <legend className="sr-only">{t("dead-letters:show")}</legend>
      {states.map((each) => (
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

function Nothing({ state }: { state: DeadLetterState }) {
  const { t } = useTranslation();
  if (state !== "resting") return <p className="p-8 text-center text-muted">{t("dead-letters:emptyFilter")}</p>;
  return <Empty icon={<CircleCheck />} title={t("dead-letters:empty")} text={t("dead-letters:emptyText")} />;
}

interface OutcomeProps {
  mutation: { data?: { redriven: number; remaining: number } | undefined; error: unknown };
}

function Outcome({ mutation: { data, error } }: OutcomeProps) {
  const { t } = useTranslation();
  if (error)
    return (
      <p role="alert" className="text-danger">
        {describeError(error, t)}
      </p>
    );
  if (!data) return null;
  return (
    <p role="status" className="text-muted">
      {t("dead-letters:redrivenAll", { count: data.redriven })}{" "}
      {data.remaining > 0 && t("dead-letters:remaining", { count: data.remaining })}
    </p>
  );
}
