import { exitWithError, print } from "../console.ts";
import { startLocalStandIn } from "../system/whatsapp-stand-in.ts";

/** `npm run stand-in`: runs only the stand-in for WhatsApp Web and its phone page, for a connector that is started by hand. */
export async function run(): Promise<void> {
  try {
    const standIn = await startLocalStandIn(0);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.once(signal, () => void standIn.stop().then(() => process.exit(0)));
    }
    print("\n  A stand-in for WhatsApp Web is running\n");
    print(`  Address  ${standIn.address}   (for a connector: WHATSAPP_WEB_STAND_IN=${standIn.address})`);
    print(`  Phone    ${standIn.phonePageUrl}   (scan, write, read, rename, unlink, go offline)`);
    print("  Ctrl-C stops it and ends the links of its phones.\n");
  } catch (err) {
    exitWithError(err);
  }
}
