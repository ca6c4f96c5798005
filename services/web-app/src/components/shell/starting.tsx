import { useTranslation } from "react-i18next";
import { Button } from "../ui/button.tsx";
import { Loading } from "../ui/states.tsx";
import { Logo } from "./logo.tsx";

interface StartingProps {
  isUnreachable?: boolean;
  /** Signs in by the cookie, which the page also retries by itself. */
  onRetry: () => void;
}

/** Shown until the server has answered who is signed in. */
export function Starting({ isUnreachable = false, onRetry }: StartingProps) {
  const { t } = useTranslation();
  return (
    <div className="grid h-dvh place-content-center justify-items-center gap-2">
      <Logo className="size-14" />
      <Loading className="p-4" />
      {isUnreachable && (
        <>
          <p role="alert" className="px-6 text-center text-muted">
            {t("login:unreachable")}
          </p>
          <Button onClick={onRetry}>{t("common:retry")}</Button>
        </>
      )}
    </div>
  );
}
