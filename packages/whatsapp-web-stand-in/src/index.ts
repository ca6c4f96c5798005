export type { Phone } from "./phone/phone.ts";
export type { PhoneBehaviour, PhoneEvent } from "./phone/phone-behaviour.ts";
export { type PhonePage, startPhonePage } from "./phone-page/phone-page.ts";
export { selfSignedCertificate } from "./server/certificate.ts";
export { type StandIn, type StandInOptions, startStandIn } from "./server/stand-in.ts";
