export type { Phone } from "./phone.ts";
export type { PhoneBehaviour, PhoneEvent } from "./phone-behaviour.ts";
export { type PhonePage, startPhonePage } from "./phone-page/phone-page.ts";
export { type StandIn, type StandInOptions, startStandIn } from "./stand-in.ts";
