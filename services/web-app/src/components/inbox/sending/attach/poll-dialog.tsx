import { maxPollOptionLength, maxPollOptions, maxPollQuestionLength } from "@syszap/contracts/constants";
import { Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../../ui/button.tsx";
import { FormDialog } from "../../../ui/form-dialog.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import type { ContentDialogProps } from "./content-dialog.ts";

export function PollDialog({ onSend, onClose }: ContentDialogProps) {
  const { t } = useTranslation();
  const [question, setQuestion] = useState("");
  const [texts, setTexts] = useState(["", ""]);
  const [isSingle, setSingle] = useState(true);
  const options = texts.map((text) => text.trim()).filter((text) => text !== "");
  const hasTwins = new Set(options).size < options.length;
  const isReady = question.trim() !== "" && options.length >= 2 && !hasTwins;
  return (
    <FormDialog
      title={t("sending:attachKind.poll")}
      testId="poll-dialog"
      submit={{ label: t("inbox:send"), testId: "poll-send", isDisabled: !isReady }}
      error={hasTwins ? t("sending:poll.twins") : undefined}
      onSubmit={() =>
        onSend({ poll: { question: question.trim(), options, mostChoices: isSingle ? 1 : null } }, question.trim())
      }
      onClose={onClose}
    >
      <TextField
        label={t("sending:poll.question")}
        testId="poll-question"
        value={question}
        maxLength={maxPollQuestionLength}
        onText={setQuestion}
      />
      <fieldset className="grid min-w-0 gap-2">
        <legend className="mb-1 font-medium text-sm">{t("sending:poll.options")}</legend>
        {texts.map((text, index) => (
          <TextField
            key={index}
            label={t("sending:poll.option", { number: index + 1 })}
            testId={`poll-option-${index}`}
            value={text}
            maxLength={maxPollOptionLength}
            onText={(changed) => setTexts(texts.with(index, changed))}
          />
        ))}
        {texts.length < maxPollOptions && (
          <Button look="plain" className="justify-self-start" onClick={() => setTexts([...texts, ""])}>
            <Plus className="size-4" />
            {t("sending:poll.addOption")}
          </Button>
        )}
      </fieldset>
      <label className="flex items-center gap-3 text-sm">
        <input
          type="checkbox"
          data-testid="poll-several"
          checked={!isSingle}
          onChange={(event) => setSingle(!event.target.checked)}
          className="size-4 accent-accent"
        />
        {t("sending:poll.several")}
      </label>
    </FormDialog>
  );
}
