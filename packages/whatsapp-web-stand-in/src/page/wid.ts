/**
 * Imitates WhatsApp's Wid, the id of a contact, a group or an anonymous contact, as far as wa-js and our code use it.
 */
export class Wid {
  readonly _serialized: string;
  readonly user: string;
  readonly server: string;

  constructor(serialized: string) {
    const [user, server] = serialized.split("@");
    if (!user || !server) throw new Error("wid error: invalid wid");
    this._serialized = serialized;
    this.user = user;
    this.server = server;
  }

  static isXWid(): boolean {
    return false;
  }

  static isWid(value: unknown): value is Wid {
    return value instanceof Wid;
  }

  isUser(): boolean {
    return this.server === "c.us" || this.server === "lid";
  }

  isLid(): boolean {
    return this.server === "lid";
  }

  isGroup(): boolean {
    return this.server === "g.us";
  }

  isBroadcast(): boolean {
    return this.server === "broadcast";
  }

  isStatusV3(): boolean {
    return this._serialized === "status@broadcast";
  }

  isNewsletter(): boolean {
    return this.server === "newsletter";
  }

  isBot(): boolean {
    return false;
  }

  isPSA(): boolean {
    return false;
  }

  isIAS(): boolean {
    return false;
  }

  equals(other: unknown): boolean {
    return String(other) === this._serialized;
  }

  toString(): string {
    return this._serialized;
  }

  toJSON(): string {
    return this._serialized;
  }
}

export const widFactory = {
  isWidlike: (value: unknown): boolean => value instanceof Wid,
  createWidFromWidLike: (value: Wid): Wid => value,
  createWid: (value: string | Wid): Wid => new Wid(String(value)),
  createUserWid: (user: string, server = "c.us"): Wid => new Wid(user.includes("@") ? user : `${user}@${server}`),
};

interface KeyParts {
  id: string;
  fromMe?: boolean;
  remote?: Wid;
  from?: Wid;
  to?: Wid;
  selfDir?: "in" | "out";
  participant?: Wid | undefined;
}

/** Id of a message. wa-js identifies this class by the text of its error and by the result of `toString`. */
export class MsgKey {
  fromMe: boolean;
  remote: Wid;
  id: string;
  participant: Wid | undefined;
  _serialized: string;

  constructor(parts: KeyParts) {
    if (!parts) throw new Error("MsgKey error: obj is null/undefined");
    const remote = parts.remote ?? (parts.selfDir === "out" ? parts.to : parts.from);
    if (!remote) throw new Error("MsgKey error: no remote");
    this.fromMe = parts.fromMe ?? parts.selfDir === "out";
    this.remote = remote;
    this.id = parts.id;
    this.participant = parts.participant;
    this._serialized = [this.fromMe, remote, parts.id, ...(parts.participant ? [parts.participant] : [])].join("_");
  }

  static fromString(text: string): MsgKey {
    const [fromMe, remote, id, participant] = text.split("_");
    if (!remote || !id) throw new Error(`MsgKey error: invalid key ${text}`);
    const parts = { fromMe: fromMe === "true", remote: new Wid(remote), id };
    return new MsgKey({ ...parts, ...(participant && { participant: new Wid(participant) }) });
  }

  static newId(): string {
    const bytes = crypto.getRandomValues(new Uint8Array(9));
    return `3EB0${[...bytes].map((byte) => byte.toString(16).padStart(2, "0").toUpperCase()).join("")}`;
  }

  equals(other: unknown): boolean {
    return String(other) === this._serialized;
  }

  toString(): string {
    return this._serialized;
  }
}
