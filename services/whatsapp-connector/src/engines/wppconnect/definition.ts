import { proxyEnvironment } from "@syszap/platform/proxy";
import { z } from "zod";
import { defineEngine } from "../contract/definition.ts";
import { sandboxSettings, type WppconnectOptions } from "./options.ts";
import { createWppconnectEngine } from "./wppconnect-engine.ts";

/** Drives WhatsApp Web in a Chromium through the library wppconnect. */
export const wppconnect = defineEngine({
  name: "wppconnect",
  environment: {
    CHROMIUM_PATH: z.string().min(1).optional(),
    /** Chromium's sandbox: `auto` where the kernel allows it, `required`, or `off`. */
    CHROMIUM_SANDBOX: z.enum(sandboxSettings).default("auto"),
    WHATSAPP_WEB_STAND_IN: z
      .string()
      .regex(/^[^\s:/]+:\d{1,5}$/, "must be host:port")
      .optional(),
    PROXY_ALLOW_PRIVATE: proxyEnvironment.PROXY_ALLOW_PRIVATE,
  },
  optionsFrom: ({
    CHROMIUM_PATH,
    CHROMIUM_SANDBOX,
    WHATSAPP_WEB_STAND_IN,
    PROXY_ALLOW_PRIVATE,
  }): WppconnectOptions => ({
    sandbox: CHROMIUM_SANDBOX,
    allowPrivateProxies: PROXY_ALLOW_PRIVATE,
    ...(CHROMIUM_PATH !== undefined && { chromiumPath: CHROMIUM_PATH }),
    ...(WHATSAPP_WEB_STAND_IN !== undefined && { standIn: WHATSAPP_WEB_STAND_IN }),
  }),
  create: createWppconnectEngine,
});
