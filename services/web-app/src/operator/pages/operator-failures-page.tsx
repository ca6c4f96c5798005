import { useTranslation } from "react-i18next";
import { allDeadLetters } from "../../components/dead-letters/dead-letter-source.ts";
import { DeadLetters } from "../../components/dead-letters/dead-letters.tsx";
import { PageFrame } from "../../components/shell/page-frame.tsx";
import { api } from "../operator-api.ts";

const deadLetters = allDeadLetters(api);

/** Dead letters of all companies. Their texts are never shown to operators. */
export function OperatorFailuresPage() {
  const { t } = useTranslation();
  return (
    <PageFrame title={t("operator:letters")}>
      <DeadLetters source={deadLetters} showsCompany />
    </PageFrame>
  );
}
