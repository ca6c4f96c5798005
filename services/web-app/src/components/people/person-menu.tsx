import type { AccountLink, Team, UserEntry } from "@syszap/contracts";
import { EllipsisVertical, KeyRound, MailX, Pencil, Send, ShieldOff, UserCheck, UserX } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { describePersonError } from "../../i18n/person-errors.ts";
import { api } from "../../page/api.ts";
import { useMe } from "../../page/me.ts";
import { Confirm } from "../ui/confirm.tsx";
import { Menu, MenuItem } from "../ui/menu.tsx";
import { LinkDialog } from "./link-dialog.tsx";
import { PersonForm } from "./person-form.tsx";
import { usePeopleMutation } from "./use-people.ts";

interface PersonMenuProps {
  person: UserEntry;
  account: NonNullable<UserEntry["account"]>;
  teams: Team[];
}
type Dialog = "edit" | "disable" | "revoke" | "reset" | "reset_factor" | { link: string };

/** The actions on a person that the signed-in user may take. */
export function PersonMenu({ person, account, teams }: PersonMenuProps) {
  const { t } = useTranslation();
  const me = useMe();
  const { id, name } = person;
  const params = { id };
  const [dialog, setDialog] = useState<Dialog>();
  const closeDialog = () => setDialog(undefined);
  const onError = (error: unknown) => void toast.error(describePersonError(error, t), { description: name });
  const onLink = ({ link }: AccountLink) => {
    if (link === null) toast.success(t("people:mailed", { email: account.email }));
    else setDialog({ link });
  };
  const setDisabled = usePeopleMutation((disabled: boolean) => api.call("updateUser", { params, body: { disabled } }));
  const reset = usePeopleMutation(() => api.call("resetUserPassword", { params }));
  const resetFactor = usePeopleMutation(() => api.call("resetSecondFactor", { params }));
  const resend = usePeopleMutation(() => api.call("resendInvitation", { params }));
  const revoke = usePeopleMutation(() => api.call("revokeInvitation", { params }));
  const isSelf = id === me.userId;
  const isOutOfReach = account.role === "owner" && me.role !== "owner";
  if (isOutOfReach)
    return (
      <span className="w-8 shrink-0">
        <span className="sr-only">{t("people:ownersOnly")}</span>
      </span>
    );
  return (
    <>
      <Menu label={t("people:actions", { name })} icon={<EllipsisVertical className="size-5" />} side="left">
        {(close) => {
          const act = (run: () => void) => () => {
            close();
            run();
          };
          return (
            <>
              <MenuItem
                icon={<Pencil className="size-4" />}
                testId="person-edit"
                onClick={act(() => setDialog("edit"))}
              >
                {t("people:edit")}
              </MenuItem>
              {account.state === "invited" && (
                <>
                  <MenuItem
                    icon={<Send className="size-4" />}
                    testId="person-resend"
                    onClick={act(() => resend.mutate(undefined, { onSuccess: onLink, onError }))}
                  >
                    {t("people:resend")}
                  </MenuItem>
                  <MenuItem
                    icon={<MailX className="size-4" />}
                    testId="person-revoke"
                    isDanger
                    onClick={act(() => setDialog("revoke"))}
                  >
                    {t("people:revoke")}
                  </MenuItem>
                </>
              )}
              {account.state === "active" && !isSelf && (
                <>
                  <MenuItem
                    icon={<KeyRound className="size-4" />}
                    testId="person-reset"
                    onClick={act(() => setDialog("reset"))}
                  >
                    {t("people:reset")}
                  </MenuItem>
                  {account.hasSecondFactor && (
                    <MenuItem
                      icon={<ShieldOff className="size-4" />}
                      testId="person-reset-factor"
                      onClick={act(() => setDialog("reset_factor"))}
                    >
                      {t("people:resetFactor")}
                    </MenuItem>
                  )}
                  <MenuItem
                    icon={<UserX className="size-4" />}
                    testId="person-disable"
                    isDanger
                    onClick={act(() => setDialog("disable"))}
                  >
                    {t("people:disable")}
                  </MenuItem>
                </>
              )}
              {account.state === "disabled" && (
                <MenuItem
                  icon={<UserCheck className="size-4" />}
                  testId="person-enable"
                  onClick={act(() => setDisabled.mutate(false, { onError }))}
                >
                  {t("people:enable")}
                </MenuItem>
              )}
            </>
          );
        }}
      </Menu>
      {dialog === "edit" && <PersonForm person={person} account={account} teams={teams} onClose={closeDialog} />}
      {dialog === "disable" && (
        <Confirm
          title={t("people:confirmDisable", { name })}
          text={t("people:confirmDisableText")}
          action={t("people:disable")}
          onConfirm={() => setDisabled.mutate(true, { onError })}
          onClose={closeDialog}
        />
      )}
      {dialog === "revoke" && (
        <Confirm
          title={t("people:confirmRevoke", { name })}
          text={t("people:confirmRevokeText")}
          action={t("people:revoke")}
          onConfirm={() => revoke.mutate(undefined, { onError })}
          onClose={closeDialog}
        />
      )}
      {dialog === "reset" && (
        <Confirm
          title={t("people:confirmReset", { name })}
          text={t("people:confirmResetText")}
          action={t("people:reset")}
          onConfirm={() => reset.mutate(undefined, { onSuccess: onLink, onError })}
          onClose={closeDialog}
        />
      )}
      {dialog === "reset_factor" && (
        <Confirm
          title={t("people:confirmResetFactor", { name })}
          text={t("people:confirmResetFactorText")}
          action={t("people:resetFactor")}
          onConfirm={() => resetFactor.mutate(undefined, { onError })}
          onClose={closeDialog}
        />
      )}
      {typeof dialog === "object" && (
        <LinkDialog
          kind={account.state === "invited" ? "invitation" : "reset"}
          name={name}
          link={dialog.link}
          onClose={closeDialog}
        />
      )}
    </>
  );
}
