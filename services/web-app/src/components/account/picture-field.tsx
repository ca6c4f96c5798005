import { useMutation } from "@tanstack/react-query";
import { Camera, Trash2 } from "lucide-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { api, auth } from "../../page/api.ts";
import { useMe } from "../../page/me.ts";
import { Button } from "../ui/button.tsx";
import { PersonAvatar } from "../ui/person-avatar.tsx";
import { ErrorText } from "../ui/states.tsx";

const acceptedTypes = "image/jpeg,image/png,image/webp";

/** Shows, replaces and removes the picture of the signed-in user. */
export function PictureField() {
  const { t } = useTranslation();
  const me = useMe();
  const input = useRef<HTMLInputElement>(null);
  const save = useMutation({
    mutationFn: async (file: File | null) => {
      const pictureId = file && (await api.upload(file)).id;
      auth.updateMe(await api.call("updateMe", { body: { pictureId } }));
    },
  });
  const person = { id: me.userId, name: me.name, pictureId: me.pictureId };
  return (
    <div className="flex flex-wrap items-center gap-x-5 gap-y-3">
      <PersonAvatar person={person} className="size-20 text-2xl" />
      <div className="grid gap-2">
        <div className="flex flex-wrap gap-2">
          <Button data-testid="picture-choose" disabled={save.isPending} onClick={() => input.current?.click()}>
            <Camera className="size-4" /> {t(me.pictureId === null ? "account:addPicture" : "account:changePicture")}
          </Button>
          {me.pictureId !== null && (
            <Button data-testid="picture-remove" disabled={save.isPending} onClick={() => save.mutate(null)}>
              <Trash2 className="size-4" /> {t("account:removePicture")}
            </Button>
          )}
        </div>
        <input
          ref={input}
          type="file"
          accept={acceptedTypes}
          data-testid="picture-file"
          aria-label={t("account:addPicture")}
          className="hidden"
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = "";
            if (file) save.mutate(file);
          }}
        />
        <p className="text-muted text-xs">{t("account:pictureHint")}</p>
        <ErrorText error={save.error} />
      </div>
    </div>
  );
}
