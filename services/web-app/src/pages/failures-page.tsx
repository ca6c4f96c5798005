import { useTranslation } from "react-i18next";
import { DeadLetters } from "../components/dead-letters/dead-letters.tsx";
import { PageFrame } from "../components/shell/page-frame.tsx";
import { deadLetterApi } from "../page/websocket-service.ts";

/** What of the company could not be processed or sent; for its managers. */
export function FailuresPage() {
  const { t } = useTranslation();
  return (
    <PageFrame title={t("dead-letters:title")} subtitle={t("dead-letters:subtitle")}>
      <DeadLetters api={deadLetterApi} />
    </PageFrame>
  );
}
