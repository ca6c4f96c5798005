import type { DurableFrame, RealtimeClient } from "@syszap/client";
import type { Page } from "@syszap/contracts";
import { type QueryKey, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { emptyList, type List } from "../live/list.ts";
import { websocketService } from "./websocket-service.ts";

/** Reads data and applies the events that arrived in the meantime. */
export const snapshot: RealtimeClient["snapshot"] = (fetch, apply) => websocketService.snapshot(fetch, apply);

/** A refetch reads as many rows as were on the page, up to this number. */
const maxRefetchedRows = 300;

interface LiveListOptions<Row, Read> {
  key: QueryKey;
  read: (before: string | undefined, signal?: AbortSignal) => Promise<Page<Read>>;
  /** Adds a page that was read. */
  add: (list: List<Row>, page: Page<Read>) => List<Row>;
  apply: (list: List<Row>, frame: DurableFrame) => List<Row>;
}

/** A paged list that events keep current. */
export function useLiveList<Row, Read>({ key, read, add, apply }: LiveListOptions<Row, Read>) {
  const cache = useQueryClient();
  const query = useQuery({
    queryKey: key,
    queryFn: ({ signal }) => {
      const wanted = Math.min(cache.getQueryData<List<Row>>(key)?.items.length ?? 0, maxRefetchedRows);
      return snapshot(async () => {
        let list = emptyList<Row>();
        do list = add(list, await read(list.next ?? undefined, signal));
        while (list.next !== null && list.items.length < wanted);
        return list;
      }, apply);
    },
  });
  const [isLoadingMore, setLoadingMore] = useState(false);
  const isBusy = useRef(false);
  const loadMore = async (): Promise<void> => {
    const before = cache.getQueryData<List<Row>>(key)?.next;
    if (!before || isBusy.current) return;
    isBusy.current = true;
    setLoadingMore(true);
    try {
      const noFrames: DurableFrame[] = [];
      const { page, frames } = await snapshot(
        async () => ({ page: await read(before), frames: noFrames }),
        (value, frame) => ({ ...value, frames: [...value.frames, frame] }),
      );
      cache.setQueryData<List<Row>>(key, (list) =>
        list && list.next === before ? frames.reduce(apply, add(list, page)) : list,
      );
    } finally {
      isBusy.current = false;
      setLoadingMore(false);
    }
  };
  return { query, items: query.data?.items, hasMore: Boolean(query.data?.next), loadMore, isLoadingMore };
}

interface PagedListOptions<Row> {
  key: QueryKey;
  read: (before: string | undefined, signal: AbortSignal) => Promise<Page<Row>>;
  refetchInterval?: (rows: Row[]) => number | false;
}

/** A paged list without events: each visit reads it again. */
export function usePagedList<Row>({ key, read, refetchInterval }: PagedListOptions<Row>) {
  const query = useInfiniteQuery<Page<Row>, Error>({
    queryKey: key,
    queryFn: ({ pageParam, signal }) => read(pageParam as string | undefined, signal),
    initialPageParam: undefined,
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: 0,
    ...(refetchInterval && { refetchInterval: ({ state: { data } }) => refetchInterval(rowsOf(data?.pages) ?? []) }),
  });
  return { query, items: rowsOf(query.data?.pages) };
}

const rowsOf = <Row>(pages: Page<Row>[] | undefined): Row[] | undefined => pages?.flatMap(({ items }) => items);
