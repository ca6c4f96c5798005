import { createLogger } from "@syszap/platform";
import type { Engine } from "../../../src/engines/contract/engine.ts";
import { createWppconnectEngine } from "../../../src/engines/wppconnect/index.ts";
import { recover } from "../recover.ts";

/** A process with one engine. It prints the engine's events as JSON lines and stops when its input ends. A test bundles and runs it. */
const [standIn = "", profileDirectory = ""] = process.argv.slice(2);
const print = (event: object) => process.stdout.write(`${JSON.stringify(event)}\n`);
const engine: Engine = createWppconnectEngine({ standIn })({
  companyId: crypto.randomUUID(),
  sessionId: crypto.randomUUID(),
  profileDirectory,
  log: createLogger({ service: "engine-process", level: "silent" }),
  listener: {
    qr: ({ raw }) => print({ raw }),
    pairingCode: () => {},
    pairingRefused: () => {},
    unknownPayload: () => {},
    missed: (sinceMs) => void recover(engine, sinceMs, (fact) => print({ fact })),
    state: (detail, more) => print({ detail, ...more }),
    fact: (fact) => print({ fact }),
    typing: () => {},
  },
});

process.stdin.resume().once("end", () => void engine.stop()); // nothing else ends this process
await engine.start();
