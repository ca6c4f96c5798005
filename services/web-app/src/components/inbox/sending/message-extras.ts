import type { Message } from "@syszap/contracts";
import { messageKindOf, sentFileKinds } from "@syszap/contracts/constants";
import type { MessageExtras } from "../../../live/outgoing.ts";

/** Returns the parts of a failed message besides its text, with which it is sent again unchanged. */
export function extrasOf({ id, quoted, media, content, context, type }: Message): MessageExtras {
  if (context?.forwarded) return { forward: { messageId: id } };
  const kind = sentFileKinds.find((each) => each === messageKindOf(type));
  return {
    quoted,
    ...(media && { media: { id: media.id, ...(kind && { as: kind }) } }),
    ...(content && { content }),
  };
}
