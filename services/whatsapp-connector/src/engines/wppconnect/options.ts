/** `auto`: Chromium's sandbox if this machine allows it. `required`: no browser without it. */
export const sandboxSettings = ["auto", "required", "off"] as const;
export type SandboxSetting = (typeof sandboxSettings)[number];

export interface WppconnectOptions {
  /** Absent: each start of an engine searches the usual paths. */
  chromiumPath?: string;
  /** Default: `auto`. */
  sandbox?: SandboxSetting;
  /** `host:port` of a local stand-in for WhatsApp Web. The browser then reaches nothing else. */
  standIn?: string;
  /** Allows proxies with private addresses. */
  allowPrivateProxies?: boolean;
  /** Timeout for loading WhatsApp's page. */
  loadMs?: number;
  /** Time without progress after which the loaded page is reloaded, and again after which the engine fails. */
  readyMs?: number;
  /** Timeout after which it counts as unknown whether WhatsApp accepted a message. */
  sendMs?: number;
  /** Time without a byte after which a download fails. */
  mediaStallMs?: number;
  /** Age above which a picture URL is requested again. */
  pictureMaxAgeMs?: number;
}
