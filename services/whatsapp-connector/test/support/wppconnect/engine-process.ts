import { createLogger } from "@syszap/platform";
import { createWppconnectEngine } from "../../../src/engines/wppconnect/index.ts";

/** A process with one engine. It prints the engine's events as JSON lines and stops when its input ends. A test bundles and runs it. */
const [standIn = "", profileDirectory = ""] = process.argv.slice(2);
const print = (event: object) => process.stdout.write(`${JSON.stringify(event)}\n`);
const engine = createWppconnectEngine({ standIn })({
  companyId: crypto.randomUUID(),
  sessionId: crypto.randomUUID(),
  profileDirectory,
  log: createLogger({ service: "engine-process", level: "silent" }),
  listener: {
    qr: ({ raw }) => print({ raw }),
    pairingCode: () => {},
    pairingRefused: () => {},
    unknownPayload: () => {},
    state: (detail, more) => print({ detail, ...more }),
    fact: (fact) => print({ fact }),
    typing: () => {},
  },
});

process.stdin.resume().once("end", () => void engine.stop()); // nothing else ends this process
await engine.start();
