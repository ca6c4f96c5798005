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
}

export function Empty({ icon, title, text }: EmptyProps) {
  return (
    <div className="m-auto grid max-w-sm justify-items-center gap-2 p-8 text-center">
      <span className="mb-2 grid size-16 place-items-center rounded-full bg-accent-soft text-accent">{icon}</span>
      <p className="font-semibold text-lg">{title}</p>
      {text && <p className="text-muted">{text}</p>}
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

/** The error of a failed action, or its translated message; nothing while `error` is null. */
export function ErrorText({ error, className = "text-sm" }: { error: unknown; className?: string }) {
  const { t } = useTranslation();
  if (error === null || error === undefined) return null;
  return (
    <p role="alert" className={`text-danger ${className}`}>
      {typeof error === "string" ? error : describeError(error, t)}
    </p>
  );
}

interface QueryDataProps<Data> {
  query: { data: Data | undefined; error: unknown; refetch: () => Promise<unknown> };
  children: (data: Data) => ReactNode;
}

/** The data of a query, or instead of it the error or the loading state. Old data outlives a failed refetch. */
export function QueryData<Data>({ query, children }: QueryDataProps<Data>) {
  if (query.data !== undefined) return children(query.data);
  return query.error ? <Failure error={query.error} onRetry={() => void query.refetch()} /> : <Loading />;
}

interface QueryListProps<Row> {
  query: { isError: boolean; error: unknown; refetch: () => Promise<unknown> };
  items: Row[] | undefined;
  loading?: ReactNode;
  /** Shown when there are no rows. */
  empty: ReactNode;
  children: (items: Row[]) => ReactNode;
}

/** The rows of a query, or instead of them the error, the loading state or the empty state. Old rows outlive a failed refetch. */
export function QueryList<Row>({ query, items, loading = <Loading />, empty, children }: QueryListProps<Row>) {
  if (!items) return query.isError ? <Failure error={query.error} onRetry={() => void query.refetch()} /> : loading;
  return items.length === 0 ? empty : children(items);
}

interface LoadMoreProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
  className?: string;
}

/** Reads the next page of a paged list; nothing after the last page. */
export function LoadMore({ query, className = "" }: LoadMoreProps) {
  const { t } = useTranslation();
  if (!query.hasNextPage) return null;
  return (
    <Button className={className} disabled={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
      {t("common:loadMore")}
    </Button>
  );
}
