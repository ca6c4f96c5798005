import { useTranslation } from "react-i18next";
import { SecretDialog } from "../ui/secret-dialog.tsx";

interface LinkDialogProps {
  kind: "invitation" | "reset";
  name: string;
  link: string;
  onClose: () => void;
}

/** Shows a link once, because the platform sends no e-mail. */
export function LinkDialog({ kind, name, link, onClose }: LinkDialogProps) {
  const { t } = useTranslation();
  return (
    <SecretDialog
      title={t(`people:link.${kind}`, { name })}
      text={t(`people:link.${kind}Text`)}
      secret={link}
      testId="person-link"
      onClose={onClose}
    />
  );
}
