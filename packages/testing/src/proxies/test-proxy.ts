import { type AddressInfo, connect, type Server, type Socket } from "node:net";

export interface TestProxyOptions {
  /** Absent: the proxy accepts everybody. */
  credentials?: { username: string; password: string };
  /** The address to which the proxy connects instead of the target; undefined: it refuses the target. */
  route(target: { host: string; port: number }): { host: string; port: number } | undefined;
}

/** A proxy for tests on a loopback port, which records its targets as `host:port`. */
export abstract class TestProxy {
  readonly targets: string[] = [];
  /** Number of connections that were refused because of their credentials. */
  refusedLogins = 0;
  /** Local ports of its connections to targets, also of closed ones. */
  readonly localPorts = new Set<number>();
  private readonly sockets = new Set<Socket>();

  protected constructor(
    protected readonly server: Server,
    protected readonly options: TestProxyOptions,
  ) {
    server.on("connection", (socket: Socket) => this.track(socket));
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Number of open connections of clients and to targets. */
  get open(): number {
    return this.sockets.size;
  }

  async listen(port = 0): Promise<this> {
    await new Promise<void>((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  protected isAllowed(username: string | undefined, password: string | undefined): boolean {
    const { credentials } = this.options;
    const isAllowed = !credentials || (credentials.username === username && credentials.password === password);
    if (!isAllowed) this.refusedLogins += 1;
    return isAllowed;
  }

  /** Undefined: the proxy refuses the target. */
  protected async connectTo(host: string, port: number): Promise<Socket | undefined> {
    this.targets.push(`${host}:${port}`);
    const route = this.options.route({ host, port });
    if (!route) return undefined;
    const socket = this.track(connect(route));
    return new Promise((resolve) => {
      socket.once("connect", () => {
        this.localPorts.add(socket.localPort ?? 0);
        resolve(socket);
      });
      socket.once("close", () => resolve(undefined));
    });
  }

  /** Carries bytes both ways until one side closes. */
  protected join(client: Socket, target: Socket): void {
    client.once("close", () => target.destroy());
    target.once("close", () => client.destroy());
    client.pipe(target).pipe(client);
  }

  private track(socket: Socket): Socket {
    this.sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.sockets.delete(socket));
    return socket;
  }
}
