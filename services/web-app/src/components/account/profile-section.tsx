import { maxPersonNameLength } from "@syszap/contracts/constants";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { api, auth } from "../../page/api.ts";
import { useMe } from "../../page/me.ts";
import { useLanguageChoice } from "../../page/use-language-choice.ts";
import { LanguageSwitch } from "../shell/language-switch.tsx";
import { Button } from "../ui/button.tsx";
import { SectionCard } from "../ui/section-card.tsx";
import { ErrorText } from "../ui/states.tsx";
import { TextField } from "../ui/text-field.tsx";
import { PictureField } from "./picture-field.tsx";

/** The picture, name and language of the signed-in user. */
export function ProfileSection() {
  const { t } = useTranslation();
  const me = useMe();
  const [name, setName] = useState(me.name);
  const save = useMutation({
    mutationFn: async () => auth.updateMe(await api.call("updateMe", { body: { name: name.trim() } })),
    onSuccess: () => void toast.success(t("account:saved")),
  });
  const saveLanguage = useLanguageChoice();
  const isChanged = name.trim() !== "" && name.trim() !== me.name;
  return (
    <SectionCard title={t("account:profile")} text={`${me.email} · ${me.companyName} · ${t(`people:role.${me.role}`)}`}>
      <div className="grid gap-6">
        <PictureField />
        <form
          className="grid max-w-md gap-3"
          onSubmit={(event) => {
            event.preventDefault();
            if (isChanged) save.mutate();
          }}
        >
          <TextField
            label={t("account:name")}
            testId="account-name"
            onText={setName}
            name="name"
            autoComplete="name"
            required
            maxLength={maxPersonNameLength}
            value={name}
            hint={t("account:nameHint")}
          />
          <ErrorText error={save.error} />
          <Button
            type="submit"
            look="primary"
            data-testid="account-save"
            disabled={!isChanged || save.isPending}
            className="justify-self-start"
          >
            {t("common:save")}
          </Button>
        </form>
        <div className="grid max-w-md gap-1.5">
          <span className="font-medium text-sm">{t("settings:language")}</span>
          <LanguageSwitch onChoose={(language) => saveLanguage.mutate(language)} />
          <span className="text-muted text-xs">{t("account:languageHint")}</span>
          <ErrorText error={saveLanguage.error} />
        </div>
      </div>
    </SectionCard>
  );
}
