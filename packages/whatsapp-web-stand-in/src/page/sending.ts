import type { WireMedia } from "../protocol/protocol.ts";
import { type Modules, reactionsTo } from "./changes.ts";
import type { ChatModel } from "./contact-models.ts";
import { MsgModel } from "./message-model.ts";
import type { PageController } from "./page-controller.ts";
import { MsgKey } from "./wid.ts";

const megabyte = 1024 * 1024;
const uploadLimits: Record<string, number> = { image: 16 * megabyte, audio: 16 * megabyte, video: 64 * megabyte };
const editSeconds = 15 * 60;

/** Imitates WhatsApp's wrapper of a file. */
class OpaqueData {
  private constructor(private readonly blob: Blob) {}

  static async createFromData(data: BlobPart, type?: string): Promise<OpaqueData> {
    return new OpaqueData(new Blob([data], type === undefined ? {} : { type }));
  }

  throwIfReleased(): void {}
  type(): string {
    return this.blob.type;
  }

  size(): number {
    return this.blob.size;
  }

  forceToBlob(): Blob {
    return this.blob;
  }
}
interface PrepOptions {
  isPtt?: boolean;
  asDocument?: boolean;
  asSticker?: boolean;
}
interface SendOptions {
  caption?: string;
  productMsgOptions: Record<string, unknown>;
}

/** Sends a file: adds the message to the chat, uploads the file, then sends the message. */
class MediaPrep {
  readonly mediaData: { type: string };

  constructor(
    private readonly controller: PageController,
    private readonly data: OpaqueData,
    options: PrepOptions,
  ) {
    const [kind = ""] = data.type().split("/");
    const shown = options.isPtt ? "ptt" : ["image", "audio", "video"].includes(kind) ? kind : "document";
    this.mediaData = { type: options.asSticker ? "sticker" : options.asDocument ? "document" : shown };
  }

  async waitForPrep(): Promise<{ type: string }> {
    return this.mediaData;
  }

  async sendToChat({ options }: { chat: ChatModel; options: SendOptions }): Promise<object> {
    // Callers start to listen for the message only after this call.
    await Promise.resolve();
    const { models } = this.controller;
    const blob = this.data.forceToBlob();
    const model = new MsgModel({
      ...options.productMsgOptions,
      ...{ type: this.mediaData.type, caption: options.caption, mimetype: blob.type, size: blob.size },
    });
    models.addMessage(model, false);
    models.messages.add(model);
    try {
      const t = await this.controller.send(model, await this.upload(blob, options));
      return { messageSendResult: "OK", t };
    } catch (error) {
      models.chat(model.attributes.to as never).msgs.remove(model);
      // Removed so that the message can be sent again.
      models.messages.remove(model);
      throw error;
    }
  }

  private async upload(blob: Blob, { productMsgOptions }: SendOptions): Promise<WireMedia> {
    const name = encodeURIComponent(String(productMsgOptions.filename ?? ""));
    const path = `/upload/${this.controller.models.me?.user}?name=${name}`;
    const answer = await fetch(path, { method: "POST", body: blob, headers: { "content-type": blob.type } });
    if (!answer.ok) throw new Error(`The upload failed with status ${answer.status}.`);
    return (await answer.json()) as WireMedia;
  }
}

/** The key of a new message of ours in the chat of this one. */
function ownKey({ models }: PageController, { chatId }: MsgModel): string {
  const participant = chatId?.isGroup() ? `_${models.myLid}` : "";
  return `true_${chatId}_${MsgKey.newId()}${participant}`;
}

const isYoung = (message: MsgModel, seconds: number) => Date.now() / 1_000 - Number(message.attributes.t) <= seconds;

/** Modules for sending files and for changing sent messages. */
export function sending(controller: PageController): Modules {
  const { models } = controller;
  const targetOf = (data: Record<string, unknown>) => String(data.protocolMessageKey);
  return {
    WAWebMediaGating: { getUploadLimit: (kind: string) => uploadLimits[kind] ?? 2_048 * megabyte },
    WAWebMediaOpaqueData: { default: OpaqueData },
    WAWebPrepRawMedia: {
      MediaPrep,
      prepRawMedia: (data: OpaqueData, options: PrepOptions) => new MediaPrep(controller, data, options),
      uploadProductImage: async () => {},
    },
    WAWebMsgActionCapability: {
      canEditText: (message: MsgModel) =>
        message.isSentByMe === true && message.attributes.type === "chat" && isYoung(message, editSeconds),
      canEditCaption: (message: MsgModel) =>
        message.isSentByMe === true && message.isMedia === true && isYoung(message, editSeconds),
    },
    WAWebSendMessageEditAction: {
      addAndSendMessageEdit: async (message: MsgModel, data: Record<string, unknown>) => {
        const body = String(data.body);
        await controller.deliver({ kind: "edit", id: String(data.id), target: targetOf(data), body });
        const latestEditMsgKey = MsgKey.fromString(String(data.id));
        message.set({ ...(message.isMedia ? { caption: body } : { body }), latestEditMsgKey });
      },
    },
    WAWebSendReactionMsgAction: {
      sendReactionToMsg: async (message: MsgModel, text: string) => {
        const id = ownKey(controller, message);
        await controller.deliver({ kind: "react", id, target: String(message.id), text });
        const own = { id, text, sender: String(models.me), t: Date.now() };
        const others = reactionsTo(message).filter((known) => !known.id.startsWith("true_"));
        message.set({ hasReaction: true, reactions: [...others, own] });
        return "OK";
      },
    },
  };
}

/** As on the real page, it only queues the revocations and resolves before they are sent. */
export const sendRevokeMsgs =
  (controller: PageController) =>
  async (_chat: ChatModel, { list }: { list: MsgModel[] }): Promise<void> => {
    for (const message of list) {
      const id = ownKey(controller, message);
      void controller
        .deliver({ kind: "revoke", id, target: String(message.id) })
        .then(() => message.set({ type: "revoked", body: "", caption: null }));
    }
  };
