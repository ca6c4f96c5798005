import type { AccountLink, Role } from "@syszap/contracts";
import { maxEmailLength, maxPersonNameLength, maxUsers } from "@syszap/contracts/constants";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { isProblem } from "../../api/api-error.ts";
import type { Language } from "../../i18n/index.ts";
import { describePersonError } from "../../i18n/person-errors.ts";
import { api } from "../../page/api.ts";
import { joinTeams, useTeams } from "../teams/use-teams.ts";
import { FormDialog } from "../ui/form-dialog.tsx";
import { TextField } from "../ui/text-field.tsx";
import { RoleField } from "./role-field.tsx";
import { TeamField } from "./team-field.tsx";
import { usePeopleMutation } from "./use-people.ts";

interface InviteFormProps {
  /** Receives the link if the platform sends no e-mail. */
  onLink: (link: { name: string; link: string }) => void;
  onClose: () => void;
}

/** Invites a person with a role and teams. */
export function InviteForm({ onLink, onClose }: InviteFormProps) {
  const { t, i18n } = useTranslation();
  const { data: teams = [] } = useTeams();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("agent");
  const [teamIds, setTeamIds] = useState<string[]>([]);
  const invite = usePeopleMutation(async () => {
    const person = { email: email.trim(), name: name.trim(), role };
    const { user, invitation } = await api.call("inviteUser", {
      body: { ...person, language: i18n.language as Language },
    });
    // The person is invited in any case: without the teams, the manager can add them later.
    await joinTeams(user.id, { before: [], after: teamIds }).catch(() => {
      toast.error(t("people:teamsFailed"), { description: person.name });
    });
    onInvited(person, invitation);
  });
  const onInvited = (person: { name: string; email: string }, { link }: AccountLink) => {
    if (link === null) toast.success(t("people:mailed", { email: person.email }));
    else onLink({ name: person.name, link });
    onClose();
  };
  const isComplete = email.trim() !== "" && name.trim() !== "";
  const isFull = isProblem(invite.error, "conflict");
  return (
    <FormDialog
      title={t("people:invite")}
      testId="invite-form"
      submit={{ label: t("people:sendInvitation"), testId: "invite-save", isDisabled: !isComplete || invite.isPending }}
      error={isFull ? t("people:full", { count: maxUsers }) : invite.error && describePersonError(invite.error, t)}
      onSubmit={() => invite.mutate()}
      onClose={onClose}
    >
      <TextField
        label={t("login:email")}
        testId="invite-email"
        onText={setEmail}
        type="email"
        autoComplete="off"
        required
        maxLength={maxEmailLength}
        value={email}
      />
      <TextField
        label={t("people:name")}
        testId="invite-name"
        onText={setName}
        autoComplete="off"
        required
        maxLength={maxPersonNameLength}
        value={name}
      />
      <RoleField role={role} onChange={setRole} />
      {role === "agent" && <TeamField teams={teams} chosen={teamIds} onChange={setTeamIds} />}
    </FormDialog>
  );
}
