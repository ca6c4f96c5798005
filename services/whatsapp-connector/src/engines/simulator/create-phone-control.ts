import type { Acceptance } from "./phone/acceptance.ts";
import type { Phone } from "./phone/phone.ts";
import type { Traffic } from "./phone/traffic.ts";
import type { PhoneControl } from "./phone-control.ts";

/** Combines the commands that the engine carries out itself with those of the phone and its customers. */
export function createPhoneControl(
  { phone, traffic, acceptance }: { phone: Phone; traffic: Traffic; acceptance: Acceptance },
  engine: Pick<
    PhoneControl,
    | "scan"
    | "rotateQr"
    | "typeCode"
    | "rotatePairingCode"
    | "demandPasskey"
    | "satisfyPasskey"
    | "drop"
    | "restore"
    | "unlink"
    | "crash"
  >,
): PhoneControl {
  return {
    ...engine,
    message: (message) => phone.message(message),
    loseFiles: (count) => phone.loseFiles(count),
    createGroup: (group) => phone.createGroup(group),
    changeGroup: (group, change) => phone.changeGroup(group, change),
    block: (number) => phone.block(number),
    write: (message) => phone.write(message),
    hold: () => acceptance.hold(),
    release: () => acceptance.release(),
    actions: () => acceptance.actions,
    onAction: (listener) => acceptance.onAction(listener),
    rename: (number, name) => phone.rename(number, name),
    changePicture: (number) => phone.changePicture(number),
    read: (number) => phone.read(number),
    typing: (number, state) => phone.typing(number, state),
    receipt: (waKey, status) => phone.receipt(waKey, status),
    edit: (waKey, body) => phone.edit(waKey, body),
    revoke: (waKey) => phone.revoke(waKey),
    vote: (waKey, options, by) => phone.vote(waKey, options, by),
    move: (waKey, position) => phone.move(waKey, position),
    react: (waKey, emoji, by) => phone.react(waKey, emoji, by),
    setTraffic: (messagesPerMinute) => traffic.setRate(messagesPerMinute),
  };
}
