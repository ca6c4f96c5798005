import { useEffect, useRef } from "react";
import { LoadMore } from "./states.tsx";

interface LoadOnScrollProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; isError: boolean; fetchNextPage: () => Promise<unknown> };
}

/** How far below the visible part of the page the next page is read. */
const rootMargin = "0px 0px 400px 0px";

/** Reads the next page of a paged list when the end of the list comes near. Its button does the same. */
export function LoadOnScroll({ query }: LoadOnScrollProps) {
  const end = useRef<HTMLDivElement>(null);
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = query;
  const isWaiting = hasNextPage && !isFetchingNextPage && !isError;
  useEffect(() => {
    if (!isWaiting || !end.current || typeof IntersectionObserver === "undefined") return;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) void fetchNextPage();
      },
      { rootMargin },
    );
    observer.observe(end.current);
    return () => observer.disconnect();
  }, [isWaiting, fetchNextPage]);
  return (
    <div ref={end} className="mt-4 grid place-items-center">
      <LoadMore query={query} />
    </div>
  );
}
