import { expect, test } from "vitest";
import { bytesOf } from "../test/support/bytes.ts";
import { ana, bia, type ConformanceSession, chatOf } from "./conformance-session.ts";

/** Images, contacts, typing, read state and changes of messages. */
export function chats(session: () => ConformanceSession): void {
  test("emits an image with its caption, and downloads its bytes", async () => {
    const { engine, events, side } = session();
    const { waKey, bytes } = side.receiveImage({ from: ana, body: "a foto" });
    const { media, ...message } = await events.message("a foto");
    expect(message).toMatchObject({ waKey, type: "image", direction: 0 });
    expect(media).toMatchObject({ mimeType: "image/png" });
    if (!media) throw new Error("the message has no file");
    expect(await bytesOf(engine.downloadMedia(media, 1_000_000))).toEqual(Buffer.from(bytes));
    const tooLarge = bytesOf(engine.downloadMedia(media, bytes.byteLength - 1));
    await expect(tooLarge).rejects.toMatchObject({ name: "MediaError", kind: "too_large" });
  });

  test("emits a changed profile picture after it was fetched once", async () => {
    const { engine, events, side } = session();
    await engine.fetchProfilePicture(ana);
    for (const _change of ["first", "second"]) {
      const bytes = side.changePicture(ana);
      await events.fact("contact", ({ number, pictureChanged }) => number === ana && pictureChanged === true);
      expect(Buffer.from((await engine.fetchProfilePicture(ana)) ?? [])).toEqual(Buffer.from(bytes));
    }
  });

  test("emits a new name with the next message or earlier", async () => {
    const { events, side } = session();
    side.rename(ana, "Ana Souza");
    side.receive({ from: ana, body: "mudei de nome" });
    expect((await events.message("mudei de nome")).client).toEqual({ number: ana, name: "Ana Souza" });
  });

  test("transfers typing in both directions", async () => {
    const { engine, events, side } = session();
    for (const state of ["composing", "paused"] as const) {
      side.type(ana, state);
      expect(await events.typing()).toEqual({ waChatId: chatOf(ana), state });
    }
    for (const state of ["composing", "recording", "paused"] as const) {
      const [seen] = await Promise.all([side.nextTyping(), engine.setTyping(chatOf(ana), state)]);
      expect(seen).toMatchObject({ number: ana, state });
    }
  });

  test("marks a chat as read on the phone", async () => {
    const { engine, events, side } = session();
    side.receive({ from: bia, name: "Bia", body: "leia-me" });
    await events.message("leia-me");
    const [seen] = await Promise.all([side.nextRead(), engine.markRead(chatOf(bia))]);
    expect(seen.number).toBe(bia);
  });

  test("emits that the owner read a chat on the phone", async () => {
    const { events, side } = session();
    side.receive({ from: bia, name: "Bia", body: "lida no celular" });
    await events.message("lida no celular");
    const readAtMs = Date.now();
    side.readChat(bia);
    await events.fact("read", ({ waChatId, timestampMs }) => waChatId === chatOf(bia) && timestampMs >= readAtMs);
  });

  test("identifies the message of an edit, a reaction and a revocation", async () => {
    const { events, side } = session();
    const waKey = side.receive({ from: ana, body: "quero 2" });
    await events.message("quero 2");
    side.edit(waKey, "quero 3");
    const edit = await events.fact("edit");
    expect(edit).toMatchObject({ waKey, body: "quero 3", direction: 0 });
    expect(edit.editKey).not.toBe(waKey);
    side.react(waKey, "👍🏽");
    expect(await events.fact("reaction")).toMatchObject({ waKey, emoji: "👍🏽", from: "client", direction: 0 });
    side.revoke(waKey);
    expect(await events.fact("revoke")).toMatchObject({ waKey, direction: 0 });
  });
}
