import type { DeadLetter } from "@syszap/contracts";
import { maxDiscardNoteLength } from "@syszap/contracts/constants";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../i18n/format.ts";
import { describeJob } from "../../i18n/reasons.ts";
import { Button } from "../ui/button.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";
import { ErrorText } from "../ui/states.tsx";
import { TextField } from "../ui/text-field.tsx";
import type { DeadLetterSource } from "./dead-letter-source.ts";

interface DeadLetterCardProps {
  letter: DeadLetter;
  source: DeadLetterSource;
  showsCompany: boolean;
  onChanged: () => void;
}

/** One dead letter: its job, the reason and number of failures, and the actions on it. */
export function DeadLetterCard({ letter, source, showsCompany, onChanged }: DeadLetterCardProps) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const [isDiscarding, setDiscarding] = useState(false);
  const redrive = useMutation({ mutationFn: () => source.redrive(letter.id), onSettled: onChanged });
  return (
    <li data-testid="dead-letter" className="grid gap-3 rounded-2xl border border-line bg-surface p-4 sm:p-5">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h3 className="font-semibold">{describeJob(letter.jobName, t)}</h3>
          <p className="text-muted text-sm">
            {t("dead-letters:failures", { count: letter.failures })},{" "}
            {t("dead-letters:lastAt", { when: full(letter.failedAt) })}
          </p>
        </div>
        <div className="flex flex-wrap items-center gap-2">
          {letter.state === "resting" ? (
            <>
              <Button data-testid="discard" onClick={() => setDiscarding(true)}>
                {t("dead-letters:discard")}
              </Button>
              <Button
                look="primary"
                data-testid="redrive"
                disabled={!letter.mayRedrive || redrive.isPending}
                title={letter.mayRedrive ? undefined : t("dead-letters:cannotRedrive")}
                onClick={() => redrive.mutate()}
              >
                {t("dead-letters:redrive")}
              </Button>
            </>
          ) : (
            <span className="rounded-full bg-hover px-3 py-1 text-sm">{t(`dead-letters:stateOf.${letter.state}`)}</span>
          )}
        </div>
      </div>
      <p className="whitespace-pre-wrap break-words rounded-lg bg-danger-soft px-3.5 py-2.5 text-danger text-sm">
        {letter.reason}
      </p>
      {letter.note && <p className="text-sm">{letter.note}</p>}
      <ErrorText error={redrive.error} />
      <Details letter={letter} showsCompany={showsCompany} />
      {isDiscarding && (
        <DiscardDialog letter={letter} source={source} onChanged={onChanged} onClose={() => setDiscarding(false)} />
      )}
    </li>
  );
}

function Details({ letter, showsCompany }: { letter: DeadLetter; showsCompany: boolean }) {
  const { t } = useTranslation();
  return (
    <details className="text-sm">
      <summary className="cursor-pointer text-muted">{t("dead-letters:details")}</summary>
      <dl className="mt-2 grid gap-2">
        {showsCompany && (
          <Detail name={t("dead-letters:company")}>{letter.companyId ?? t("dead-letters:noCompany")}</Detail>
        )}
        <Detail name={t("dead-letters:job")}>
          {letter.queue} · {letter.jobName} · {letter.jobId}
        </Detail>
        <Detail name={t("dead-letters:payload")}>{letter.payloadSummary}</Detail>
      </dl>
    </details>
  );
}

const Detail = ({ name, children }: { name: string; children: ReactNode }) => (
  <div>
    <dt className="text-muted text-xs">{name}</dt>
    <dd className="break-all font-mono text-xs">{children}</dd>
  </div>
);

type DiscardDialogProps = Pick<DeadLetterCardProps, "letter" | "source" | "onChanged"> & { onClose: () => void };

function DiscardDialog({ letter, source, onChanged, onClose }: DiscardDialogProps) {
  const { t } = useTranslation();
  const [note, setNote] = useState("");
  const discard = useMutation({
    mutationFn: () => source.discard(letter.id, note.trim()),
    onSuccess: onClose,
    onSettled: onChanged,
  });
  const isComplete = note.trim() !== "";
  return (
    <FormDialog
      title={t("dead-letters:discardTitle")}
      testId="discard-dialog"
      submit={{
        label: t("dead-letters:discard"),
        testId: "discard-confirm",
        isDisabled: !isComplete || discard.isPending,
        isDanger: true,
      }}
      error={discard.error}
      onSubmit={discard.mutate}
      onClose={onClose}
    >
      <p className="text-muted">{t("dead-letters:discardText")}</p>
      <TextField
        label={t("dead-letters:note")}
        testId="discard-note"
        onText={setNote}
        required
        maxLength={maxDiscardNoteLength}
        value={note}
      />
    </FormDialog>
  );
}
