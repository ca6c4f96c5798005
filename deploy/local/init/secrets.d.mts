export function makeSecret(name: string): string | undefined;
export function vapidKeys(): { publicKey: string; privateKey: string };
