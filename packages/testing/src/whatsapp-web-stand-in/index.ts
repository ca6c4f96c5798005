export type { Phone, PhoneBehaviour, PhoneEvent } from "./phone.ts";
export { type StandIn, type StandInOptions, startStandIn } from "./stand-in.ts";
