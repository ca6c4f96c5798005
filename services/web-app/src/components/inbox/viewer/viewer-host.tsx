import { type ReactNode, Suspense, useState } from "react";
import { lazyPart } from "../../../lib/lazy-part.ts";
import { Boundary } from "../../ui/boundary.tsx";
import { ViewerContext } from "./viewer-context.ts";

const MediaViewer = lazyPart(async () => (await import("./media-viewer.tsx")).MediaViewer);

/** Lets the messages of a conversation open their pictures. The viewer outlives the message that opened it. */
export function ViewerHost({ chatId, children }: { chatId: string; children: ReactNode }) {
  const [messageId, setMessageId] = useState<string>();
  return (
    <ViewerContext value={setMessageId}>
      {children}
      {messageId !== undefined && (
        <Boundary shown={messageId}>
          <Suspense>
            <MediaViewer
              chatId={chatId}
              messageId={messageId}
              onShow={setMessageId}
              onClose={() => setMessageId(undefined)}
            />
          </Suspense>
        </Boundary>
      )}
    </ViewerContext>
  );
}
