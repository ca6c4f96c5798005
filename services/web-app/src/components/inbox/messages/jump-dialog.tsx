import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { FormDialog } from "../../ui/form-dialog.tsx";
import { TextField } from "../../ui/text-field.tsx";

interface JumpDialogProps {
  /** Shows the first message at or after the time. */
  onJump: (time: Date) => Promise<void>;
  onClose: () => void;
}

/** Asks for a date whose messages are to be shown. */
export function JumpDialog({ onJump, onClose }: JumpDialogProps) {
  const { t } = useTranslation();
  const today = toDateField(new Date());
  const [date, setDate] = useState(today);
  const jump = useMutation({
    mutationFn: () => onJump(startOfDay(date)),
    onSuccess: onClose,
    networkMode: "always",
  });
  return (
    <FormDialog
      title={t("inbox:jump.title")}
      testId="jump-dialog"
      submit={{ label: t("inbox:jump.submit"), testId: "jump-submit", isDisabled: jump.isPending || date === "" }}
      error={jump.error}
      onSubmit={() => jump.mutate()}
      onClose={onClose}
    >
      <TextField
        label={t("inbox:jump.date")}
        testId="jump-date"
        type="date"
        max={today}
        value={date}
        onText={setDate}
        hint={t("inbox:jump.hint")}
      />
    </FormDialog>
  );
}

const twoDigits = (number: number): string => String(number).padStart(2, "0");

/** A day in the device's time zone, as date inputs need it. */
const toDateField = (day: Date): string =>
  `${day.getFullYear()}-${twoDigits(day.getMonth() + 1)}-${twoDigits(day.getDate())}`;

/** Without a zone, the time is in that of the device. */
const startOfDay = (date: string): Date => new Date(`${date}T00:00`);
