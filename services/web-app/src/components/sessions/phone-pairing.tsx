import type { Session, SessionPairingCode } from "@syszap/contracts";
import { linkableNumberPattern } from "@syszap/contracts/constants";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNumberFormat } from "../../i18n/phone-numbers.ts";
import { queryKeys } from "../../live/query-client.ts";
import { withSession } from "../../live/session-cache.ts";
import { api } from "../../page/api.ts";
import { useSessionPairingCode } from "../../page/queries.ts";
import { Button } from "../ui/button.tsx";
import { ErrorText } from "../ui/states.tsx";
import { TextField } from "../ui/text-field.tsx";
import { useSecondsUntil } from "./use-seconds-until.ts";

/** Asks for the phone's number, then shows the current pairing code, which the user types on the phone. */
export function PhonePairing({ session, waiting }: { session: Session; waiting: React.ReactNode }) {
  const cache = useQueryClient();
  const { data: code } = useSessionPairingCode(session.id, session.status === "qr");
  const [isEditing, setEditing] = useState(false);
  const connect = useMutation({
    mutationFn: (phoneNumber: string) =>
      api.call("connectSession", { params: { id: session.id }, body: { phoneNumber } }),
    onSuccess: (updated, phoneNumber) => {
      setEditing(false);
      cache.setQueryData<Session[]>(queryKeys.sessions, (sessions) => sessions && withSession(sessions, updated));
      // Removes the code of another number.
      cache.setQueryData<SessionPairingCode | null>(queryKeys.pairingCode(session.id), (code) =>
        code?.phoneNumber === phoneNumber ? code : null,
      );
    },
  });
  const isRefused = session.reason === "pairing_refused";
  if (code && !isEditing) return <Code code={code} onOtherNumber={() => setEditing(true)} />;
  if (connect.isSuccess && !isEditing && !isRefused) return waiting;
  return (
    <NumberForm isBusy={connect.isPending} isRefused={isRefused} error={connect.error} onNumber={connect.mutate} />
  );
}

interface NumberFormProps {
  isBusy: boolean;
  isRefused: boolean;
  error: Error | null;
  onNumber: (phoneNumber: string) => void;
}

function NumberForm({ isBusy, isRefused, error, onNumber }: NumberFormProps) {
  const { t } = useTranslation();
  const [typed, setTyped] = useState("");
  const digits = typed.replaceAll(/\D/g, "");
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onNumber(digits);
  };
  const refusal = isRefused ? t("linking:pairing.refused") : undefined;
  return (
    <form onSubmit={submit} className="grid w-full gap-3">
      <TextField
        label={t("linking:pairing.number")}
        testId="pairing-number"
        hint={t("linking:pairing.numberHint")}
        onText={setTyped}
        type="tel"
        autoComplete="tel"
        autoFocus
        maxLength={24}
        value={typed}
      />
      <ErrorText error={error ?? refusal} />
      <Button
        look="primary"
        type="submit"
        data-testid="pairing-ask"
        disabled={isBusy || !linkableNumberPattern.test(digits)}
      >
        {t("linking:pairing.ask")}
      </Button>
    </form>
  );
}

function Code({ code, onOtherNumber }: { code: SessionPairingCode; onOtherNumber: () => void }) {
  const { t } = useTranslation();
  const formatNumber = useNumberFormat();
  const secondsLeft = useSecondsUntil(code.expiresAt);
  const groups = [code.pairingCode.slice(0, 4), code.pairingCode.slice(4)];
  return (
    <>
      <p className="text-muted text-sm">{t("linking:pairing.code")}</p>
      <p data-testid="pairing-code" data-attempt={code.attempt} className="flex gap-3 font-mono font-semibold text-3xl">
        {groups.map((group, index) => (
          <span key={`${index}${group}`} className="rounded-xl border border-line bg-sunken px-3 py-2 tracking-widest">
            {group}
          </span>
        ))}
      </p>
      <p className="text-sm">{t("linking:pairing.forNumber", { number: formatNumber(code.phoneNumber) })}</p>
      <p aria-live="off" className="text-muted text-sm tabular-nums">
        {secondsLeft > 0 ? t("linking:qr.expiresIn", { seconds: secondsLeft }) : t("linking:qr.renewing")}
      </p>
      <Button look="plain" onClick={onOtherNumber}>
        {t("linking:pairing.otherNumber")}
      </Button>
    </>
  );
}
