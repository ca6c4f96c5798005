import { EngineName } from "@syszap/contracts";
import { afterAll, beforeAll, describe } from "vitest";
import { chats } from "./chats.ts";
import { ConformanceSession } from "./conformance-session.ts";
import { ending } from "./ending.ts";
import { groups } from "./groups.ts";
import { interruptions } from "./interruptions.ts";
import { kinds } from "./kinds.ts";
import { linking } from "./linking.ts";
import { messages } from "./messages.ts";
import { sending } from "./sending.ts";
import { simulatorSide } from "./simulator-side.ts";
import type { EngineUnderTest } from "./whatsapp-side.ts";
import { wppconnectSide } from "./wppconnect-side.ts";

/** The WhatsApp side of each engine. A name of @syszap/contracts without a side does not compile. */
const underTest: Record<EngineName, EngineUnderTest> = { simulator: simulatorSide, wppconnect: wppconnectSide };

/** The life of one session from its first QR code to its logout. Each test continues where the previous one ended. */
for (const name of EngineName.options.toSorted()) {
  describe(name, () => {
    const engine = underTest[name];
    let opened: ConformanceSession | undefined;
    const session = () => {
      if (!opened) throw new Error("the engine was not opened");
      return opened;
    };
    beforeAll(async () => {
      opened = await ConformanceSession.open(engine);
    });
    afterAll(() => opened?.close());

    linking(session);
    messages(session);
    chats(session);
    kinds(session);
    sending(session);
    groups(session);
    interruptions(session);
    ending(session);
  });
}
