import type { NamedAddress } from "../../../contract/engine.ts";
import type { Addresses } from "../addresses.ts";

const maxNames = 5_000;

/** Resolves the ids of people whom WhatsApp names in groups and notes. Caches the names of those who wrote last. */
export class People {
  private readonly names = new Map<string, string>();

  constructor(
    private readonly addresses: Addresses,
    /** Resolves with the name of a person, under any of these ids; null if WhatsApp knows none. */
    private readonly lookUpName: (ids: string[]) => Promise<string | null> = async () => null,
  ) {}

  async named(wid: string): Promise<NamedAddress> {
    const { address, waChatId } = await this.addresses.resolve(wid);
    const known = this.names.get(waChatId);
    if (known !== undefined) return { ...address, name: known };
    const name = await this.lookUpName([wid, waChatId]).catch(() => null);
    if (name !== null) this.keep(waChatId, name);
    return { ...address, name };
  }

  /** A message states the name of its sender. */
  async sender(wid: string, name: string | null): Promise<NamedAddress> {
    if (name === null) return this.named(wid);
    const { address, waChatId } = await this.addresses.resolve(wid);
    this.keep(waChatId, name);
    return { ...address, name };
  }

  private keep(waChatId: string, name: string): void {
    if (this.names.size >= maxNames) this.names.clear();
    this.names.set(waChatId, name);
  }
}
