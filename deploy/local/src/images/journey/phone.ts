import { type ChildProcess, spawn } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A phone in the network namespace of the connector's container. */
export class Phone {
  private readonly lines: AsyncIterator<string>;
  private last: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    const reader: Interface = createInterface({ input: child.stdout as NodeJS.ReadableStream });
    this.lines = reader[Symbol.asyncIterator]();
    this.last = this.answer();
  }

  /** Resolves with the phone and the address of its WhatsApp Web. */
  static async start(namespace: string): Promise<{ phone: Phone; address: string }> {
    const main = fileURLToPath(new URL("./phone-process.ts", import.meta.url));
    const node = [process.execPath, "--import", import.meta.resolve("tsx"), main];
    const child = spawn("ip", ["netns", "exec", namespace, ...node], { stdio: ["pipe", "pipe", "inherit"] });
    const phone = new Phone(child);
    return { phone, address: String(await phone.last) };
  }

  /** Scans the QR code that the connector's browser shows. */
  scan(): Promise<unknown> {
    return this.command({ name: "scan" });
  }

  /** A customer writes. */
  receive(from: string, body: string): Promise<unknown> {
    return this.command({ name: "receive", from, body });
  }

  /** Texts that the phone has sent. */
  async sent(): Promise<string[]> {
    return (await this.command({ name: "sent" })) as string[];
  }

  stop(): void {
    this.child.kill();
  }

  private command(command: object): Promise<unknown> {
    this.last = this.last.then(() => {
      this.child.stdin?.write(`${JSON.stringify(command)}\n`);
      return this.answer();
    });
    return this.last;
  }

  private async answer(): Promise<unknown> {
    const { value, done } = await this.lines.next();
    if (done) throw new Error("The phone's process has ended.");
    return JSON.parse(value);
  }
}
