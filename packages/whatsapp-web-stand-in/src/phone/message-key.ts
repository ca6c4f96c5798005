import { randomBytes } from "node:crypto";

/** Creates a message key in WhatsApp's format. */
export const newKey = () => `3EB0${randomBytes(9).toString("hex").toUpperCase()}`;
export const nowSeconds = () => Math.floor(Date.now() / 1000);
