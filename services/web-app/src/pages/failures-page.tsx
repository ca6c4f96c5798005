import { useTranslation } from "react-i18next";
import { companyDeadLetters } from "../components/dead-letters/dead-letter-source.ts";
import { DeadLetters } from "../components/dead-letters/dead-letters.tsx";
import { PageFrame } from "../components/shell/page-frame.tsx";
import { api } from "../page/api.ts";

const source = companyDeadLetters(api);

/** The company's dead letters, for its managers. */
export function FailuresPage() {
  const { t } = useTranslation();
  return (
    <PageFrame title={t("dead-letters:title")} subtitle={t("dead-letters:subtitle")}>
      <DeadLetters source={source} />
    </PageFrame>
  );
}
