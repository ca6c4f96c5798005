import { maxFileBytes, type Sendable } from "@syszap/contracts/constants";
import { act, fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { ChatList } from "../../src/components/inbox/chat-list.tsx";
import { Composer } from "../../src/components/inbox/composer/composer.tsx";
import { DropTarget } from "../../src/components/inbox/composer/drop-target.tsx";
import { messagesOf } from "../../src/components/inbox/sending/messages-of.ts";
import { Uploading } from "../../src/components/inbox/sending/uploading.tsx";
import { useStore } from "../../src/lib/store.ts";
import { composerModes, drafts, outgoing } from "../../src/page/state.ts";
import { aChat, aMessage, newId } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { show, answerWith } = preparePage();
beforeEach(() => {
  outgoing.clear();
  composerModes.clear();
  drafts.clear();
});

const photo = new File(["png"], "foto.png", { type: "image/png" });
const pdf = new File(["%PDF"], "cardápio.pdf", { type: "application/pdf" });
const sound = new File(["ogg"], "som.ogg", { type: "audio/ogg" });
const transfer = (...files: File[]) => ({ files, types: ["Files"], items: [] });
const attachedNames = () => screen.queryAllByTestId("composer-file").map(({ textContent }) => textContent);
const canSend = () => !screen.getByTestId<HTMLButtonElement>("composer-send").disabled;

test("files that are chosen, pasted and dropped are attached, and each becomes a message", async () => {
  const chatId = newId();
  show(
    <DropTarget chatId={chatId} label="Marta" mayAttach>
      <Composer chatId={chatId} />
    </DropTarget>,
  );
  fireEvent.change(screen.getByTestId("composer-attach"), { target: { files: [photo, pdf] } });
  fireEvent.paste(screen.getByTestId("composer"), { clipboardData: transfer(sound) });
  const conversation = screen.getByTestId("conversation");
  fireEvent.dragEnter(conversation, { dataTransfer: transfer() });
  expect(screen.getByTestId("drop-hint").textContent).toBe("Solte os arquivos para anexar");
  fireEvent.drop(conversation, { dataTransfer: transfer(new File(["x"], "video.mp4", { type: "video/mp4" })) });
  expect(screen.queryByTestId("drop-hint")).toBeNull();
  expect(attachedNames()).toHaveLength(4);
  fireEvent.change(screen.getByTestId("composer"), { target: { value: "veja" } });
  fireEvent.keyDown(screen.getByTestId("composer"), { key: "Enter" });
  expect(attachedNames()).toEqual([]);
  expect(outgoing.store.get().map(({ body, file }) => [file?.name, body])).toEqual([
    ["foto.png", "veja"],
    ["cardápio.pdf", ""],
    ["som.ogg", ""],
    ["video.mp4", ""],
  ]);
});

test("nothing can be dropped or pasted where nothing may be written", () => {
  const chatId = newId();
  show(
    <DropTarget chatId={chatId} label="Grupo" mayAttach={false}>
      <p>read only</p>
    </DropTarget>,
  );
  fireEvent.dragEnter(screen.getByTestId("conversation"), { dataTransfer: transfer() });
  expect(screen.queryByTestId("drop-hint")).toBeNull();
  fireEvent.drop(screen.getByTestId("conversation"), { dataTransfer: transfer(photo) });
  expect(drafts.get(chatId).files).toEqual([]);
});

test("a file that cannot be sent says why before it is uploaded, and must be removed", () => {
  const chatId = newId();
  show(<Composer chatId={chatId} />);
  const large = new File(["x"], "filme.mp4", { type: "video/mp4" });
  Object.defineProperty(large, "size", { value: maxFileBytes + 1 });
  act(() => drafts.attach(chatId, [photo, large, new File([], "vazio.txt")]));
  const alerts = screen.getAllByRole("alert").map(({ textContent }) => textContent?.replaceAll(/\s/g, " "));
  expect(alerts).toEqual([
    "Este arquivo é maior que o limite de 104,9 MB. Remova-o para enviar.",
    "Este arquivo está vazio. Remova-o para enviar.",
  ]);
  expect(canSend()).toBe(false);
  fireEvent.keyDown(screen.getByTestId("composer"), { key: "Enter" });
  expect(outgoing.store.get()).toEqual([]);
  fireEvent.click(screen.getByRole("button", { name: "Remover filme.mp4" }));
  fireEvent.click(screen.getByRole("button", { name: "Remover vazio.txt" }));
  expect(canSend()).toBe(true);
});

test("an engine without documents refuses a file, one without images gets a photo as a document", () => {
  const chatId = newId();
  const update = show(<Composer chatId={chatId} sends={["text"]} />);
  act(() => drafts.attach(chatId, [photo]));
  expect(screen.getByRole("alert").textContent).toContain("Este número não pode enviar este tipo de arquivo.");
  update(<Composer chatId={chatId} sends={["text", "document"]} />);
  expect(screen.queryByRole("alert")).toBeNull();
  fireEvent.click(screen.getByTestId("composer-send"));
  expect(outgoing.store.get()).toMatchObject([{ file: { name: "foto.png" }, as: "document" }]);
});

test("text and files of each chat survive opening another one, and an edit keeps its own text", () => {
  const message = aMessage({ direction: 1, status: "read", body: "às 10h" });
  const { chatId } = message;
  const update = show(<Composer key={chatId} chatId={chatId} />);
  const field = () => screen.getByTestId<HTMLTextAreaElement>("composer");
  fireEvent.change(field(), { target: { value: "um rascunho" } });
  act(() => drafts.attach(chatId, [photo]));
  act(() => composerModes.begin("edit", message));
  expect(attachedNames()).toEqual([]);
  fireEvent.change(field(), { target: { value: "às 11h" } });
  update(<Composer key="other" chatId={newId()} />);
  expect(field().value).toBe("");
  expect(attachedNames()).toEqual([]);
  update(<Composer key={chatId} chatId={chatId} />);
  expect(field().value).toBe("às 11h");
  act(() => composerModes.end(chatId));
  expect(field().value).toBe("um rascunho");
  expect(attachedNames()).toHaveLength(1);
});

test("the list marks chats with a draft, except the open one", async () => {
  const [open, written, attached, empty] = [aChat(), aChat(), aChat(), aChat()] as const;
  answerWith(({ path }) =>
    path.startsWith("/v1/chats?") ? { body: { items: [open, written, attached, empty], next: null } } : undefined,
  );
  drafts.setText(open.id, "aqui");
  drafts.setText(written.id, "*bom* dia");
  drafts.attach(attached.id, [photo, pdf]);
  show(<ChatList openChatId={open.id} />);
  const rows = await screen.findAllByTestId("chat-item");
  expect(rows.map((row) => within(row).queryByTestId("draft-mark")?.textContent)).toEqual([
    undefined,
    "Rascunho: bom dia",
    "Rascunho: 2 arquivos anexados",
    undefined,
  ]);
});

test("an upload shows its progress and can be cancelled", () => {
  const chatId = newId();
  const Pending = () =>
    useStore(outgoing.store).map((message) => <Uploading key={message.key} message={message} file={photo} />);
  outgoing.send(chatId, "", { file: photo });
  show(<Pending />);
  expect(screen.getByTestId("upload-progress").getAttribute("aria-label")).toBe("Enviando foto.png: 0 %");
  fireEvent.click(screen.getByRole("button", { name: "Cancelar o envio de foto.png" }));
  expect(outgoing.store.get()).toEqual([]);
});

const all: Sendable[] = ["text", "image", "video", "audio", "voice", "document"];
const draftOf = (text: string, ...files: File[]) => ({ text, files: files.map((file) => ({ id: file.name, file })) });

test("a text is the caption of the first file that can have one, or a message of its own after sounds", () => {
  const shape = (text: string, ...files: File[]) =>
    messagesOf(draftOf(text, ...files), all, undefined).map(({ body, extras }) => [extras.file?.name, body]);
  expect(shape("oi", sound, photo)).toEqual([
    ["som.ogg", ""],
    ["foto.png", "oi"],
  ]);
  expect(shape("oi", sound)).toEqual([
    ["som.ogg", ""],
    [undefined, "oi"],
  ]);
  expect(shape("  ", pdf)).toEqual([["cardápio.pdf", ""]]);
});

test("only the first message of a draft is the reply", () => {
  const quoted = { id: newId(), direction: 0, type: 0, body: "tem?" } as const;
  expect(messagesOf(draftOf("oi", photo, pdf), all, quoted).map(({ extras }) => extras.quoted)).toEqual([
    quoted,
    undefined,
  ]);
});
