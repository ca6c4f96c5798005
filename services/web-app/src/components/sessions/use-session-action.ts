import type { Session } from "@syszap/contracts";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { describeError } from "../../i18n/errors.ts";
import { queryKeys } from "../../live/query-client.ts";
import { withSession } from "../../live/session-cache.ts";

/** Requests an action on a session. Its outcome arrives as events; an error is shown as a toast. */
export function useSessionAction(
  run: (id: string) => Promise<Session | undefined>,
  onDone?: (session?: Session) => void,
) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: run,
    onSuccess: (session) => {
      if (session)
        cache.setQueryData<Session[]>(queryKeys.sessions, (sessions) => sessions && withSession(sessions, session));
      onDone?.(session);
    },
    onError: (error) => toast.error(describeError(error, t)),
  });
}
