/**
 * The linked device of this browser profile. Like the real page, it is stored in IndexedDB, so that it survives a kill.
 */

function store(mode: IDBTransactionMode, use: (store: IDBObjectStore) => IDBRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("wa-stand-in", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("device");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const transaction = opening.result.transaction("device", mode, { durability: "strict" });
      const request = use(transaction.objectStore("device"));
      transaction.oncomplete = () => {
        opening.result.close();
        resolve(request.result);
      };
      transaction.onerror = () => reject(transaction.error);
    };
  });
}

export const readDevice = async (): Promise<string | null> =>
  ((await store("readonly", (device) => device.get("token"))) as string | undefined) ?? null;
export const keepDevice = (token: string) => store("readwrite", (device) => device.put(token, "token"));
export const forgetDevice = () => store("readwrite", (device) => device.clear());
