import type { OwnerInvitation } from "@syszap/contracts";
import { useTranslation } from "react-i18next";
import { Button } from "../../components/ui/button.tsx";
import { Modal } from "../../components/ui/modal.tsx";
import { SecretDialog } from "../../components/ui/secret-dialog.tsx";
import { useFormats } from "../../i18n/format.ts";

interface InvitationDialogProps {
  invitation: OwnerInvitation;
  onClose: () => void;
}

/** Shows the link once, or says that the owner receives it by e-mail. */
export function InvitationDialog({ invitation, onClose }: InvitationDialogProps) {
  const { t } = useTranslation();
  const { full } = useFormats();
  const { email, link, expiresAt } = invitation;
  const values = { email, when: full(expiresAt) };
  if (link !== null)
    return (
      <SecretDialog
        title={t("operator:invitation.title")}
        text={t("operator:invitation.link", values)}
        secret={link}
        testId="invitation"
        onClose={onClose}
      />
    );
  return (
    <Modal title={t("operator:invitation.title")} onClose={onClose} testId="invitation">
      <p className="text-muted">{t("operator:invitation.mail", values)}</p>
      <div className="mt-6 flex justify-end">
        <Button look="primary" onClick={onClose}>
          {t("common:close")}
        </Button>
      </div>
    </Modal>
  );
}
