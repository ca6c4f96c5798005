import { expect, test } from "vitest";
import { bytesOf } from "../test/support/bytes.ts";
import { ana, type Bench, bia, chatOf } from "./bench.ts";

/** Everything around the texts. */
export function chats(bench: () => Bench): void {
  test("an image comes with its caption, and its bytes on request", async () => {
    const { engine, heard, side } = bench();
    const { waKey, bytes } = side.receiveImage({ from: ana, body: "a foto" });
    const { media, ...told } = await heard.message("a foto");
    expect(told).toMatchObject({ waKey, type: "image", direction: 0 });
    expect(media).toMatchObject({ mimeType: "image/png" });
    if (!media) throw new Error("no file came");
    expect(await bytesOf(engine.downloadMedia(media, 1_000_000))).toEqual(Buffer.from(bytes));
    const tooLarge = bytesOf(engine.downloadMedia(media, bytes.byteLength - 1));
    await expect(tooLarge).rejects.toMatchObject({ name: "MediaError", kind: "too_large" });
  });

  test("a new picture of a person whose picture was asked for is told, and fetched as it is now", async () => {
    const { engine, heard, side } = bench();
    await engine.fetchProfilePicture(ana);
    for (const _change of ["first", "second"]) {
      const bytes = side.changePicture(ana);
      await heard.fact("contact", ({ number, pictureChanged }) => number === ana && pictureChanged === true);
      expect(Buffer.from((await engine.fetchProfilePicture(ana)) ?? [])).toEqual(Buffer.from(bytes));
    }
  });

  test("a new name comes at the latest with the next message", async () => {
    const { heard, side } = bench();
    side.rename(ana, "Ana Souza");
    side.receive({ from: ana, body: "mudei de nome" });
    expect((await heard.message("mudei de nome")).client).toEqual({ number: ana, name: "Ana Souza" });
  });

  test("typing is told both ways", async () => {
    const { engine, heard, side } = bench();
    for (const state of ["composing", "paused"] as const) {
      side.type(ana, state);
      expect(await heard.typing()).toEqual({ waChatId: chatOf(ana), state });
    }
    for (const state of ["composing", "recording", "paused"] as const) {
      const [seen] = await Promise.all([side.nextTyping(), engine.setTyping(chatOf(ana), state)]);
      expect(seen).toMatchObject({ number: ana, state });
    }
  });

  test("a chat that is read here is read on the phone", async () => {
    const { engine, heard, side } = bench();
    side.receive({ from: bia, name: "Bia", body: "leia-me" });
    await heard.message("leia-me");
    const [seen] = await Promise.all([side.nextRead(), engine.markRead(chatOf(bia))]);
    expect(seen.number).toBe(bia);
  });

  test("an edit, a reaction and a revocation name the message that they are about", async () => {
    const { heard, side } = bench();
    const waKey = side.receive({ from: ana, body: "quero 2" });
    await heard.message("quero 2");
    side.edit(waKey, "quero 3");
    const edit = await heard.fact("edit");
    expect(edit).toMatchObject({ waKey, body: "quero 3", direction: 0 });
    expect(edit.editKey).not.toBe(waKey);
    side.react(waKey, "👍🏽");
    expect(await heard.fact("reaction")).toMatchObject({ waKey, emoji: "👍🏽", from: "client", direction: 0 });
    side.revoke(waKey);
    expect(await heard.fact("revoke")).toMatchObject({ waKey, direction: 0 });
  });
}
