import { parseArgs } from "node:util";
import { EngineName } from "@syszap/contracts";

/** Stateless services, of which several instances may run on one machine. */
export const scalableServices = ["ws-gateway", "rest-api", "message-worker", "webhook-sender"] as const;
export type ScalableService = (typeof scalableServices)[number];

export interface Options {
  /** Deletes the data directory before the start. */
  reset: boolean;
  /** Undefined: 3000, or a free port if 3000 is taken. 0: a free port. */
  port: number | undefined;
  /** Undefined: `.data` in the repository. */
  dataDirectory: string | undefined;
  engine: EngineName;
  /** Connects the wppconnect engine to the stand-in for WhatsApp Web. */
  standIn: boolean;
  hasTraffic: boolean;
  /** Delay after which a simulated phone scans a QR code. 0: never. */
  scanAfterSeconds: number;
  /** The same for phones of the stand-in. Defaults to 0: a person scans on the phone page. */
  standInScanAfterSeconds: number;
  scale: Partial<Record<ScalableService, number>>;
}

/** An invalid command line. The message lists the valid options. */
export class OptionsError extends Error {
  override readonly name = "OptionsError";
}

const help = `Options:
  --reset                  delete the data before the start
  --port N                 listen on this port instead of 3000
  --scale ws-gateway=N     run N instances of a service (${scalableServices.join(", ")})
  --engine NAME            engine of new sessions: ${EngineName.options.join(" or ")}
  --stand-in               connect the wppconnect engine to a stand-in for WhatsApp Web, whose phone is a web page
  --no-traffic             start without conversations; customers do not write by themselves
  --scan-after SECONDS     delay after which a simulated phone scans a QR code (default 6; 0: never)
  --data DIR               store the data in DIR instead of .data`;

/** Parses the arguments after `npm start --`. Throws `OptionsError`. */
export function parseOptions(args: string[]): Options {
  const values = parse(args);
  const scanAfter = (fallback: string) => wholeNumber("--scan-after", values["scan-after"] ?? fallback, 3_600);
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

function scaleOf(value: string): [ScalableService, number] {
  const [name = "", count = ""] = value.split("=");
  const service = scalableServices.find((each) => each === name);
  if (service !== undefined && /^[1-9]\d?$/.test(count)) return [service, Number(count)];
  throw new OptionsError(`--scale takes a service and a count, such as ws-gateway=3, not "${value}".\n\n${help}`);
}
