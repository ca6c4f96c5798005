import { EngineName } from "@syszap/contracts";
import { afterAll, beforeAll, describe } from "vitest";
import { Bench } from "./bench.ts";
import { chats } from "./chats.ts";
import { ending } from "./ending.ts";
import { interruptions } from "./interruptions.ts";
import { kinds } from "./kinds.ts";
import { linking } from "./linking.ts";
import { messages } from "./messages.ts";
import { enginesWith } from "./registry.ts";
import { sending } from "./sending.ts";
import { simulatorSide } from "./simulator-side.ts";
import type { EngineUnderTest } from "./whatsapp-side.ts";
import { wppconnectSide } from "./wppconnect-side.ts";

/** A new engine does not compile here before its WhatsApp side is given. */
const underTest: Record<EngineName, EngineUnderTest> = { simulator: simulatorSide, wppconnect: wppconnectSide };

/** One session's life from its first code to its logout: the flows follow each other on the same link. */
for (const name of Object.keys(enginesWith().registry)
  .map((key) => EngineName.parse(key))
  .toSorted()) {
  describe(name, () => {
    const engine = underTest[name];
    let opened: Bench | undefined;
    const bench = () => {
      if (!opened) throw new Error("the engine was not opened");
      return opened;
    };
    beforeAll(async () => {
      opened = await Bench.open(engine);
    });
    afterAll(() => opened?.close());

    linking(bench);
    messages(bench);
    chats(bench);
    kinds(bench);
    sending(bench);
    interruptions(bench);
    ending(bench);
  });
}
