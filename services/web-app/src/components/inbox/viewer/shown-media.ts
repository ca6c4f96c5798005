import type { Message } from "@syszap/contracts";
import { messageKindOf } from "@syszap/contracts/constants";

export type Media = NonNullable<Message["media"]>;
export type MediaMessage = Message & { media: Media };

/** Types that no browser shows, such as Lottie stickers. They are offered as downloads. */
const hiddenTypes = /^application\/(was|zip|octet-stream)/i;
/** Photos of some iPhones. Browsers show only the server's thumbnail of them, which is large. */
const convertedImages = /^image\/(heic|heif)/i;

export const isShowable = ({ mimeType }: Media): boolean => !hiddenTypes.test(mimeType);
export const isConverted = ({ mimeType }: Media): boolean => convertedImages.test(mimeType);

/** The photos and videos of a chat, which the viewer shows. */
export const viewable = (messages: readonly Message[]): MediaMessage[] =>
  messages.filter(
    (message): message is MediaMessage =>
      message.media !== null &&
      !message.revokedAt &&
      ["image", "video"].includes(messageKindOf(message.type)) &&
      isShowable(message.media),
  );
