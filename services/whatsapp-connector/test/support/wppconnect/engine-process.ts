import { createLogger } from "@syszap/platform";
import { createWppconnectEngine } from "../../../src/engines/wppconnect/index.ts";

/** A connector's process in small: one engine, which tells what it says as JSON lines and stops when its input ends. Bundled and run by a test. */
const [standIn = "", profileDirectory = ""] = process.argv.slice(2);
const tell = (told: object) => process.stdout.write(`${JSON.stringify(told)}\n`);
const engine = createWppconnectEngine({ standIn })({
  companyId: crypto.randomUUID(),
  sessionId: crypto.randomUUID(),
  profileDirectory,
  log: createLogger({ service: "engine-process", level: "silent" }),
  listener: {
    qr: ({ raw }) => tell({ raw }),
    pairingCode: () => {},
    pairingRefused: () => {},
    unknownPayload: () => {},
    state: (detail, more) => tell({ detail, ...more }),
    fact: (fact) => tell({ fact }),
    typing: () => {},
  },
});
process.stdin.resume().once("end", () => void engine.stop()); // nothing else ends this process
await engine.start();
