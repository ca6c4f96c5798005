import { createServer, type Socket } from "node:net";
import { TestProxy, type TestProxyOptions } from "./test-proxy.ts";

const version = 5;
const method = { none: 0, password: 2, unacceptable: 255 } as const;
const reply = { succeeded: 0, notAllowed: 2 } as const;

/** A SOCKS5 proxy with user names and passwords (RFC 1928 and RFC 1929). It supports CONNECT to host names and IPv4 addresses. */
class SocksProxy extends TestProxy {
  constructor(options: TestProxyOptions) {
    super(
      createServer((client) => void this.serve(client).catch(() => client.destroy())),
      options,
    );
  }

  private async serve(client: Socket): Promise<void> {
    const read = reader(client);
    const [, methodCount = 0] = await read(2);
    const offered = [...(await read(methodCount))];
    const wanted = this.options.credentials ? method.password : method.none;
    if (!offered.includes(wanted)) {
      this.refusedLogins += 1;
      client.end(Buffer.from([version, method.unacceptable]));
      return;
    }
    client.write(Buffer.from([version, wanted]));
    if (wanted === method.password && !(await this.logIn(client, read))) return;
    const [, , , addressType = 0] = await read(4);
    const host =
      addressType === 1 ? [...(await read(4))].join(".") : (await read((await read(1))[0] ?? 0)).toString("latin1");
    const target = await this.connectTo(host, (await read(2)).readUInt16BE());
    const status = target ? reply.succeeded : reply.notAllowed;
    client.write(Buffer.from([version, status, 0, 1, 0, 0, 0, 0, 0, 0]));
    if (!target) return void client.end();
    this.join(client, target);
  }

  private async logIn(client: Socket, read: Read): Promise<boolean> {
    const [, usernameLength = 0] = await read(2);
    const username = (await read(usernameLength)).toString();
    const password = (await read((await read(1))[0] ?? 0)).toString();
    const isAllowed = this.isAllowed(username, password);
    const answer = Buffer.from([1, isAllowed ? 0 : 1]);
    if (isAllowed) client.write(answer);
    else client.end(answer);
    return isAllowed;
  }
}

type Read = (bytes: number) => Promise<Buffer>;

function reader(socket: Socket): Read {
  socket.pause();
  return async (bytes) => {
    if (bytes === 0) return Buffer.alloc(0);
    for (;;) {
      const found = socket.read(bytes) as Buffer | null;
      if (found) return found;
      await new Promise<void>((resolve, reject) => {
        socket.once("readable", resolve);
        socket.once("close", () => reject(new Error("closed")));
      });
    }
  };
}

export const startSocksProxy = (options: TestProxyOptions): Promise<TestProxy> => new SocksProxy(options).listen();
