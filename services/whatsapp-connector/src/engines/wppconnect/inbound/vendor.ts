import { z } from "zod";

/** Shapes of the library's events. Unknown fields are ignored. */

/** A string in events, an object in acks, reactions and call results. */
const Id = z.union([z.string(), z.object({ _serialized: z.string() }).transform(({ _serialized }) => _serialized)]);
const Text = z.string().nullish();
const Seconds = z.number().nonnegative();

/** Fields that a message can be shown without: an unexpected shape does not make it unreadable. */
export const optional = <Schema extends z.ZodType>(schema: Schema) => schema.nullish().catch(null);
export const OptionalText = optional(z.string());
const OptionalFlag = optional(z.boolean());
const OptionalNumber = optional(z.number());
export const listOf = <Schema extends z.ZodType>(schema: Schema) => optional(z.array(schema));
const Buttons = listOf(z.object({ buttonParamsJson: OptionalText }));

/** The content of a message, also of a quoted one. The names are those of WhatsApp's model (`MsgModel` of wa-js). */
export const VendorContent = z.object({
  type: z.string(),
  body: Text,
  caption: Text,
  mimetype: Text,
  filename: Text,
  size: optional(z.number().nonnegative()),
  title: OptionalText,
  text: OptionalText,
  footer: OptionalText,
  description: OptionalText,
  url: OptionalText,
  // locations, cards, polls, calls, events
  loc: Text,
  comment: OptionalText,
  isLive: OptionalFlag,
  shareDuration: OptionalNumber,
  finalLat: OptionalNumber,
  finalLng: OptionalNumber,
  isVideoCall: OptionalFlag,
  lat: OptionalNumber,
  lng: OptionalNumber,
  vcardFormattedName: OptionalText,
  vcardList: listOf(z.object({ vcard: Text, displayName: Text })),
  pollName: Text,
  pollOptions: listOf(z.object({ name: Text })),
  pollSelectableOptionsCount: optional(z.number().int().min(0)),
  eventName: OptionalText,
  eventDescription: OptionalText,
  eventLocation: optional(z.union([z.string(), z.object({ name: OptionalText, address: OptionalText })])),
  eventStartTime: OptionalNumber,
  eventEndTime: OptionalNumber,
  eventJoinLink: OptionalText,
  isEventCanceled: OptionalFlag,
  inviteGrpName: OptionalText,
  // commerce
  orderTitle: OptionalText,
  itemCount: optional(z.number().int().min(0)),
  totalAmount1000: OptionalNumber,
  totalCurrencyCode: OptionalText,
  message: OptionalText,
  currencyCode: OptionalText,
  priceAmount1000: OptionalNumber,
  salePriceAmount1000: OptionalNumber,
  retailerId: OptionalText,
  paymentAmount1000: OptionalNumber,
  paymentCurrency: OptionalText,
  paymentStatus: z.unknown().optional(),
  paymentTxnStatus: z.unknown().optional(),
  paymentNoteMsg: z.unknown().optional(),
  // menus and the answers to them
  listResponse: optional(z.object({ title: OptionalText })),
  list: optional(
    z.object({
      title: OptionalText,
      description: OptionalText,
      footerText: OptionalText,
      sections: listOf(z.object({ rows: listOf(z.object({ title: OptionalText, description: OptionalText })) })),
    }),
  ),
  hydratedButtons: listOf(
    z.object({
      quickReplyButton: optional(z.object({ displayText: OptionalText })),
      urlButton: optional(z.object({ displayText: OptionalText, url: OptionalText })),
      callButton: optional(z.object({ displayText: OptionalText, phoneNumber: OptionalText })),
    }),
  ),
  dynamicReplyButtons: listOf(z.object({ buttonText: optional(z.object({ displayText: OptionalText })) })),
  interactiveHeader: optional(z.object({ title: OptionalText })),
  interactivePayload: optional(z.object({ buttons: Buttons })),
  interactiveMessage: optional(
    z.object({
      header: optional(z.object({ title: OptionalText })),
      body: optional(z.object({ text: OptionalText })),
      footer: optional(z.object({ text: OptionalText })),
      nativeFlowMessage: optional(z.object({ buttons: Buttons })),
    }),
  ),
});
export type VendorContent = z.infer<typeof VendorContent>;

const Names = { name: Text, pushname: Text, verifiedName: OptionalText, username: OptionalText };

export const VendorMessage = VendorContent.extend({
  id: Id,
  t: Seconds.optional(),
  timestamp: Seconds.optional(),
  ack: z.number().nullish(),
  notifyName: Text,
  verifiedBizName: OptionalText,
  isNotification: z.boolean().nullish(),
  // groups and notifications
  author: optional(Id),
  to: optional(Id),
  subtype: OptionalText,
  recipients: listOf(Id),
  templateParams: listOf(z.unknown()),
  ephemeralSettingUser: optional(Id),
  nonJidMentions: OptionalNumber,
  sender: optional(z.object(Names)),
  latestEditMsgKey: optional(Id),
  latestEditSenderTimestampMs: OptionalNumber,
  isForwarded: OptionalFlag,
  forwardingScore: OptionalNumber,
  isFrequentlyForwarded: OptionalFlag,
  isViewOnce: OptionalFlag,
  ephemeralDuration: optional(z.number().nonnegative()),
  ctwaContext: optional(z.object({ title: OptionalText, description: OptionalText, sourceUrl: OptionalText })),
  mentionedJidList: listOf(Id),
  quotedStanzaID: optional(Id),
  quotedMsgId: optional(Id),
  quotedParticipant: optional(Id),
  quotedMsg: optional(VendorContent),
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
  sender: optional(Id),
});

/** A vote in a poll. Options that are not chosen are holes in the list. */
export const VendorVote = z.object({
  msgId: Id,
  selectedOptions: z.array(z.object({ name: OptionalText }).nullish()),
  timestamp: z.number().nonnegative().nullish(),
  sender: optional(Id),
});

/** A position of a live location, as our hook reports it. */
export const HookedLocation = z.object({
  id: Id,
  latitude: z.number(),
  longitude: z.number(),
  hasEnded: z.boolean(),
});

export const VendorPresence = z.object({ id: Id, state: Text, isGroup: z.boolean().nullish() });
export const HookedContact = z.object({
  id: z.string(),
  name: z.string().nullable(),
  username: z.string().nullish(),
});
