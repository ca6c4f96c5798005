import { useQueryClient } from "@tanstack/react-query";
import { LoaderCircle } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { describeError } from "../../i18n/errors.ts";
import { retryFailing } from "../../live/retry-failing.ts";
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

function Failure({ error, onRetry }: { error: unknown; onRetry: () => void }) {
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

/** What is shown of a query that has no data, or only old data. */
export interface QueryState {
  error: unknown;
  failureCount: number;
  failureReason: unknown;
}

/** Transient errors are retried without a limit. After this number of failures the user sees the error, too. */
const shownFailures = 3;

/** The error of a query that failed, or that keeps failing. */
export const troubleOf = ({ error, failureCount, failureReason }: QueryState): unknown =>
  error ?? (failureCount >= shownFailures ? failureReason : null);

/** A query without data: that it is loading, or why it fails, with a button to retry. */
export function Waiting({ query, loading = <Loading /> }: { query: QueryState; loading?: ReactNode }) {
  const cache = useQueryClient();
  const trouble = troubleOf(query);
  return trouble ? <Failure error={trouble} onRetry={() => void retryFailing(cache)} /> : loading;
}

/** Above old data that cannot be read again. */
function Outdated({ query }: { query: QueryState }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  if (!troubleOf(query)) return null;
  return (
    <p role="status" className="bg-warn-soft px-4 py-1.5 text-center text-sm text-warn">
      {t("errors:outdated")}{" "}
      <button type="button" className="font-semibold underline" onClick={() => void retryFailing(cache)}>
        {t("common:retry")}
      </button>
    </p>
  );
}

interface QueryDataProps<Data> {
  query: QueryState & { data: Data | undefined };
  children: (data: Data) => ReactNode;
}

/** The data of a query, or instead of it the error or the loading state. Old data outlives a failed refetch. */
export function QueryData<Data>({ query, children }: QueryDataProps<Data>) {
  if (query.data === undefined) return <Waiting query={query} />;
  return (
    <>
      <Outdated query={query} />
      {children(query.data)}
    </>
  );
}

interface QueryListProps<Row> {
  query: QueryState;
  items: Row[] | undefined;
  loading?: ReactNode;
  /** Shown when there are no rows. */
  empty: ReactNode;
  children: (items: Row[]) => ReactNode;
}

/** The rows of a query, or instead of them the error, the loading state or the empty state. Old rows outlive a failed refetch. */
export function QueryList<Row>({ query, items, loading, empty, children }: QueryListProps<Row>) {
  if (!items) return <Waiting query={query} loading={loading} />;
  return (
    <>
      <Outdated query={query} />
      {items.length === 0 ? empty : children(items)}
    </>
  );
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
