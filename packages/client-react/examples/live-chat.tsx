import type { RealtimeClient } from "@syszap/client";
import { RealtimeProvider, useEvent, useWebSocket } from "@syszap/client-react";
import { useEffect, useState } from "react";

interface AppProps {
  client: RealtimeClient;
  /** Undefined while no user is signed in. */
  identity: { companyId: string; userId: string } | undefined;
}

export function App({ client, identity }: AppProps) {
  return (
    <RealtimeProvider client={client} identity={identity}>
      <LiveChat chatId="5511987654321@c.us" />
    </RealtimeProvider>
  );
}

function LiveChat({ chatId }: { chatId: string }) {
  const { on, send, isConnected } = useWebSocket();
  const [bodies, setBodies] = useState<string[]>([]);
  const [notice, setNotice] = useState("");

  useEffect(
    () =>
      on("new_message", (data) => {
        if (data.Chat.WA_Chat_Id === chatId) setBodies((before) => [...before, data.Body]);
      }),
    [on, chatId],
  );
  useEvent("new_client", (data) => setNotice(`Novo cliente cadastrado: ${data.Name}`));

  return (
    <section aria-busy={!isConnected}>
      <output>{notice}</output>
      <ul>
        {bodies.map((body, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines are only ever appended
          <li key={index}>{body}</li>
        ))}
      </ul>
      <button type="button" onClick={() => send("ping", {})}>
        Ping
      </button>
    </section>
  );
}
