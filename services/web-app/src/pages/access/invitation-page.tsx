import type { AnswerOf, SecondFactorChallenge } from "@syszap/contracts";
import { maxPersonNameLength } from "@syszap/contracts/constants";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { callPublic } from "../../api/public-call.ts";
import { AccessFrame } from "../../components/login/access-frame.tsx";
import { NewPasswordField } from "../../components/login/new-password-field.tsx";
import { SecondFactorStep } from "../../components/second-factor/second-factor-step.tsx";
import { ErrorText, type QueryState, Waiting } from "../../components/ui/states.tsx";
import { TextField } from "../../components/ui/text-field.tsx";
import { hasChosenLanguage, type Language, showLanguage } from "../../i18n/index.ts";
import { describePasswordError } from "../../i18n/password-errors.ts";
import { auth } from "../../page/api.ts";
import { isDeadLink, isFieldError, LinkProblem } from "./link-problem.tsx";
import { SubmitButton } from "./submit-button.tsx";
import { useLinkToken } from "./use-link-token.ts";

type Invitation = AnswerOf<"readInvitation">;

/** Opened by the link of an invitation: the person chooses a name and a password and is signed in. */
export function InvitationPage() {
  const { t } = useTranslation();
  const token = useLinkToken();
  const query = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => callPublic("readInvitation", { body: { token } }),
    enabled: token !== "",
  });
  const invitation = query.data;
  const [challenge, setChallenge] = useState<SecondFactorChallenge>();
  const navigate = useNavigate();
  const enter = () => void navigate("/messages", { replace: true });
  useEffect(() => {
    if (invitation && !hasChosenLanguage()) void showLanguage(invitation.language);
  }, [invitation]);
  if (challenge)
    return (
      <AccessFrame title={t("second-factor:loginTitle")} text={t("access:invitation.secondFactor")}>
        <SecondFactorStep
          challenge={challenge}
          login={auth.secondFactor}
          requiredText={t("second-factor:requiredText")}
          onCancel={enter}
          onSignedIn={enter}
        />
      </AccessFrame>
    );
  if (invitation)
    return (
      <AccessFrame
        title={t("access:invitation.title", { company: invitation.companyName })}
        text={t("access:invitation.text", { email: invitation.email })}
      >
        <AcceptForm
          key={token}
          token={token}
          invitation={invitation}
          onAccepted={(next) => (next ? setChallenge(next) : enter())}
        />
      </AccessFrame>
    );
  return (
    <AccessFrame title={t("access:invitation.heading")} text={t("access:invitation.subtitle")}>
      <InvitationState token={token} query={query} />
    </AccessFrame>
  );
}

interface InvitationStateProps {
  token: string;
  query: QueryState;
}

/** The page before the invitation is read, or instead of one that cannot be read. */
function InvitationState({ token, query }: InvitationStateProps) {
  const { t } = useTranslation();
  if (token === "") return <LinkProblem text={t("access:incomplete")} />;
  if (isDeadLink(query.error)) return <LinkProblem text={t("access:invitation.dead")} />;
  return <Waiting query={query} />;
}

interface AcceptFormProps {
  token: string;
  invitation: Invitation;
  /** Without a challenge the person is signed in. */
  onAccepted: (challenge: SecondFactorChallenge | undefined) => void;
}

function AcceptForm({ token, invitation, onAccepted }: AcceptFormProps) {
  const { t, i18n } = useTranslation();
  const [name, setName] = useState(invitation.name);
  const [password, setPassword] = useState("");
  const accept = useMutation({
    mutationFn: async () => {
      const language = i18n.language as Language;
      onAccepted(await auth.acceptInvitation({ token, password, name: name.trim(), language }));
    },
  });
  if (isDeadLink(accept.error) && !isFieldError(accept.error))
    return <LinkProblem text={t("access:invitation.dead")} />;
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        accept.mutate();
      }}
    >
      {/* Password managers store the password for this address. */}
      <input type="email" name="email" autoComplete="username" value={invitation.email} readOnly hidden />
      <TextField
        label={t("access:name")}
        testId="accept-name"
        onText={setName}
        name="name"
        autoComplete="name"
        required
        maxLength={maxPersonNameLength}
        value={name}
        hint={t("access:nameHint")}
      />
      <NewPasswordField testId="accept-password" name="password" value={password} onText={setPassword} />
      <ErrorText error={accept.error && describePasswordError(accept.error, t)} />
      <SubmitButton testId="accept-submit" isBusy={accept.isPending}>
        {t(accept.isPending ? "login:submitting" : "access:invitation.submit")}
      </SubmitButton>
    </form>
  );
}
