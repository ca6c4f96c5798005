import { useState } from "react";
import { useTranslation } from "react-i18next";
import { parseCoordinates } from "../../../../lib/parse-coordinates.ts";
import { FormDialog } from "../../../ui/form-dialog.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import type { ContentDialogProps } from "./content-dialog.ts";

const maxTextLength = 500;
const maxLinkLength = 2_000;

export function LocationDialog({ onSend, onClose }: ContentDialogProps) {
  const { t } = useTranslation();
  const [position, setPosition] = useState("");
  const [name, setName] = useState("");
  const [address, setAddress] = useState("");
  const coordinates = parseCoordinates(position);
  const send = () => {
    if (!coordinates) return;
    const location = { ...coordinates, name: name.trim() || null, address: address.trim() || null };
    onSend({ location }, [location.name, location.address].filter(Boolean).join("\n"));
  };
  return (
    <FormDialog
      title={t("sending:attachKind.location")}
      testId="location-dialog"
      submit={{ label: t("inbox:send"), testId: "location-send", isDisabled: !coordinates }}
      error={position.trim() !== "" && !coordinates ? t("sending:location.invalid") : undefined}
      onSubmit={send}
      onClose={onClose}
    >
      <TextField
        label={t("sending:location.position")}
        hint={t("sending:location.hint")}
        testId="location-position"
        value={position}
        maxLength={maxLinkLength}
        placeholder="-23.55052, -46.63331"
        onText={setPosition}
      />
      <TextField
        label={t("sending:location.name")}
        testId="location-name"
        value={name}
        maxLength={maxTextLength}
        onText={setName}
      />
      <TextField
        label={t("sending:location.address")}
        testId="location-address"
        value={address}
        maxLength={maxTextLength}
        onText={setAddress}
      />
    </FormDialog>
  );
}
