import { LoaderCircle } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { describeError } from "../../i18n/errors.ts";
import { Button } from "./button.tsx";

export function Loading({ className = "p-10" }: { className?: string }) {
  const { t } = useTranslation();
  return (
    <div role="status" aria-label={t("common:loading")} className={`grid place-items-center text-muted ${className}`}>
      <LoaderCircle className="size-6 animate-spin" />
    </div>
  );
}

interface EmptyProps {
  icon: ReactNode;
  title: string;
  text?: string;
  children?: ReactNode;
}

export function Empty({ icon, title, text, children }: EmptyProps) {
  return (
    <div className="m-auto grid max-w-sm justify-items-center gap-2 p-8 text-center">
      <span className="mb-2 grid size-16 place-items-center rounded-full bg-accent-soft text-accent">{icon}</span>
      <p className="font-semibold text-lg">{title}</p>
      {text && <p className="text-muted">{text}</p>}
      {children}
    </div>
  );
}

export function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const { t } = useTranslation();
  return (
    <div role="alert" className="m-auto grid max-w-sm justify-items-center gap-3 p-8 text-center">
      <p>{describeError(error, t)}</p>
      <Button onClick={onRetry}>{t("common:retry")}</Button>
    </div>
  );
}
