import { parseArgs } from "node:util";
import { EngineName } from "@syszap/contracts";

/** Services that may run several times on one machine: they keep nothing of their own. */
export const scalable = ["ws-gateway", "rest-api", "message-worker", "webhook-sender"] as const;
export type Scalable = (typeof scalable)[number];

export interface Options {
  /** Deletes the data first. */
  reset: boolean;
  /** Undefined: 3000, or a free one when that is taken. 0: a free one. */
  port: number | undefined;
  /** Undefined: `.data` of the checkout. */
  dataDirectory: string | undefined;
  engine: EngineName;
  /** The wppconnect engine talks to a page of our own that stands in for WhatsApp Web. */
  standIn: boolean;
  hasTraffic: boolean;
  /** When a simulated phone scans a QR code by itself; 0: never. */
  scanAfterSeconds: number;
  /** The same for phones of the stand-in. Unless it was asked for, a person scans there. */
  standInScanAfterSeconds: number;
  scale: Partial<Record<Scalable, number>>;
}

/** What a person typed can't be understood; the message says what can be typed. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";
}

const help = `Options:
  --reset                  start with fresh data
  --port N                 another port than 3000
  --scale ws-gateway=N     run a service several times (${scalable.join(", ")})
  --engine NAME            engine of new sessions: ${EngineName.options.join(" or ")}
  --stand-in               let the wppconnect engine talk to a stand-in for WhatsApp Web; a page of it is the phone
  --no-traffic             simulated customers keep silent
  --scan-after SECONDS     when a simulated phone scans a QR code by itself (6; 0: never)
  --data DIR               keep the data there instead of .data`;

/** Reads what follows `npm start --`. */
export function parseOptions(args: string[]): Options {
  const values = parse(args);
  const scanAfter = (otherwise: string) => wholeNumber("--scan-after", values["scan-after"] ?? otherwise, 3_600);
  return {
    reset: values.reset ?? false,
    port: values.port === undefined ? undefined : wholeNumber("--port", values.port, 65_535),
    dataDirectory: values.data,
    engine: engineOf(values.engine ?? "simulator"),
    standIn: values["stand-in"] ?? false,
    hasTraffic: !(values["no-traffic"] ?? false),
    scanAfterSeconds: scanAfter("6"),
    standInScanAfterSeconds: scanAfter("0"),
    scale: Object.fromEntries((values.scale ?? []).map(scaleOf)),
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      options: {
        reset: { type: "boolean" },
        port: { type: "string" },
        scale: { type: "string", multiple: true },
        engine: { type: "string" },
        "stand-in": { type: "boolean" },
        "no-traffic": { type: "boolean" },
        "scan-after": { type: "string" },
        data: { type: "string" },
      },
    }).values;
  } catch (err) {
    const reason = err instanceof Error ? (err.message.split(". ", 1)[0] ?? err.message) : String(err);
    throw new OptionsError(`${reason}.\n\n${help}`, { cause: err });
  }
}

function wholeNumber(option: string, value: string, max: number): number {
  const number = Number(value);
  if (/^\d+$/.test(value) && number <= max) return number;
  throw new OptionsError(`${option} takes a whole number from 0 to ${max}, not "${value}".\n\n${help}`);
}

function engineOf(value: string): EngineName {
  const engine = EngineName.safeParse(value);
  if (engine.success) return engine.data;
  throw new OptionsError(`--engine takes ${EngineName.options.join(" or ")}, not "${value}".\n\n${help}`);
}

function scaleOf(value: string): [Scalable, number] {
  const [name = "", count = ""] = value.split("=");
  const service = scalable.find((each) => each === name);
  if (service !== undefined && /^[1-9]\d?$/.test(count)) return [service, Number(count)];
  throw new OptionsError(`--scale takes a service and how often, like ws-gateway=3, not "${value}".\n\n${help}`);
}
