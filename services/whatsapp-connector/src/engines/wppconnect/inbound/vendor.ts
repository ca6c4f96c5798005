import { z } from "zod";

/** Shapes of the library's events. Unknown fields are ignored. */

/** A string in events, an object in acks, reactions and call results. */
const Id = z.union([z.string(), z.object({ _serialized: z.string() }).transform(({ _serialized }) => _serialized)]);
const Text = z.string().nullish();
const Seconds = z.number().nonnegative();

export const VendorMessage = z.object({
  id: Id,
  type: z.string(),
  t: Seconds.optional(),
  timestamp: Seconds.optional(),
  body: Text,
  caption: Text,
  mimetype: Text,
  filename: Text,
  size: z.number().nonnegative().nullish().catch(null),
  loc: Text,
  isVideoCall: z.boolean().nullish().catch(null),
  lat: z.number().nullish().catch(null),
  lng: z.number().nullish().catch(null),
  vcardFormattedName: Text.catch(null),
  vcardList: z
    .array(z.object({ vcard: Text, displayName: Text }))
    .nullish()
    .catch(null),
  pollName: Text,
  pollOptions: z
    .array(z.object({ name: Text }))
    .nullish()
    .catch(null),
  pollSelectableOptionsCount: z.number().int().min(0).nullish().catch(null),
  ack: z.number().nullish(),
  notifyName: Text,
  isNotification: z.boolean().nullish(),
  sender: z.object({ name: Text, pushname: Text }).nullish().catch(null),
  latestEditMsgKey: Id.nullish().catch(null),
  latestEditSenderTimestampMs: z.number().nullish().catch(null),
});

export type VendorMessage = z.infer<typeof VendorMessage>;

/** The readable part of a message of an unknown shape. */
export const VendorUnreadable = z.object({ id: Id, t: Seconds.nullish().catch(null) });

export const VendorAck = z.object({ id: Id, ack: z.number() });
export const VendorEdit = z.object({ id: Id, msg: VendorMessage });
export const VendorRevoke = z.object({ refId: Id });
export const VendorReaction = z.object({
  id: Id,
  msgId: Id,
  reactionText: Text,
  timestamp: z.number().nonnegative().nullish(),
});

export const VendorPresence = z.object({ id: Id, state: Text, isGroup: z.boolean().nullish() });
export const HookedContact = z.object({ id: z.string(), name: z.string().nullable() });
