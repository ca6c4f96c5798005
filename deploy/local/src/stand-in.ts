import { giveUp, say } from "./say.ts";
import { openStandIn } from "./whatsapp-stand-in.ts";

/** `npm run stand-in`: only the page in WhatsApp Web's place and its phone, for a connector that somebody starts. */
export async function run(): Promise<void> {
  try {
    const standIn = await openStandIn(0);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => void standIn.stop().then(() => process.exit(0)));
    }
    say("\n  A stand-in for WhatsApp Web is running\n");
    say(`  Address  ${standIn.address}   (for a connector: WHATSAPP_WEB_STAND_IN=${standIn.address})`);
    say(`  Phone    ${standIn.phonePageUrl}   (scan, write, read, rename, unlink, go offline)`);
    say("  Ctrl-C stops it; links of phones end with it.\n");
  } catch (err) {
    giveUp(err);
  }
}
