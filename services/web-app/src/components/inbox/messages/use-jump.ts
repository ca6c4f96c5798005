import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../../api/api-error.ts";
import { describeError } from "../../../i18n/errors.ts";
import type { MessageWindow } from "../../../page/message-window.ts";

/** The message that the list scrolls to. A new object scrolls again. */
export interface JumpTarget {
  messageId: string;
}

/** Scrolls to messages. Those that are not loaded are loaded with the messages around them. */
export function useJump(window: MessageWindow) {
  const { t } = useTranslation();
  const [target, setTarget] = useState<JumpTarget>();

  const toMessage = useCallback(
    async (messageId: string): Promise<void> => {
      try {
        if (!window.has(messageId)) await window.moveTo({ around: messageId });
        setTarget({ messageId });
      } catch (error) {
        const isGone = error instanceof ApiError && error.status === 404;
        const text = isGone ? t("inbox:originalGone") : describeError(error, t);
        void import("sonner").then(({ toast }) => toast.error(text, { id: "jump" }));
      }
    },
    [t, window],
  );

  /** Rejects if the messages of that time cannot be loaded. */
  const toTime = useCallback(
    async (time: Date): Promise<void> => {
      const at = time.toISOString();
      if (!window.covers(at)) await window.moveTo({ at });
      const message = window.items.find(({ timestamp }) => timestamp >= at) ?? window.items.at(-1);
      if (message) setTarget({ messageId: message.id });
    },
    [window],
  );

  return { target, toMessage, toTime };
}
