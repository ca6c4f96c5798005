import { randomBytes } from "node:crypto";

/** An id such as WhatsApp gives to a message. */
export const newKey = () => `3EB0${randomBytes(9).toString("hex").toUpperCase()}`;
export const nowSeconds = () => Math.floor(Date.now() / 1000);
