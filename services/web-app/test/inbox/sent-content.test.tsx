import { engines } from "@syszap/contracts/constants";
import { fireEvent, screen, within } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { Composer } from "../../src/components/inbox/composer/composer.tsx";
import { MessageBubble } from "../../src/components/inbox/message-bubble.tsx";
import { outgoing } from "../../src/page/state.ts";
import { aChat, aClient, aMessage } from "../support/builders.ts";
import { preparePage } from "../support/page.tsx";

const { answerWith, called, calls, show } = preparePage();
beforeEach(() => outgoing.clear());

const chatId = aMessage().chatId;
const path = `/v1/chats/${chatId}/messages`;
const type = (testId: string, value: string) => fireEvent.change(screen.getByTestId(testId), { target: { value } });
const attach = async (kind: string) => {
  fireEvent.click(screen.getByRole("button", { name: "Anexar" }));
  fireEvent.click(screen.getByTestId(`attach-${kind}`));
  await screen.findByRole("dialog");
};
const isDisabled = (testId: string) => screen.getByTestId<HTMLButtonElement>(testId).disabled;

test("a poll is sent with its options; empty ones are left out, and equal ones are refused", async () => {
  answerWith((call) => (call.path === path ? { status: 202, body: aMessage({ chatId }) } : undefined));
  show(<Composer chatId={chatId} />);
  await attach("poll");
  type("poll-question", "Qual dia?");
  type("poll-option-0", "Seg");
  expect(isDisabled("poll-send")).toBe(true);
  type("poll-option-1", "Seg ");
  expect(screen.getByRole("alert").textContent).toContain("Duas opções são iguais");
  type("poll-option-1", "Ter");
  fireEvent.click(screen.getByText("Adicionar opção"));
  fireEvent.click(screen.getByTestId("poll-several"));
  fireEvent.click(screen.getByTestId("poll-send"));
  expect((await called(path)).body).toEqual({
    poll: { question: "Qual dia?", options: ["Seg", "Ter"], mostChoices: null },
  });
});

test("a location is read from a map's link and sent with its name", async () => {
  answerWith((call) => (call.path === path ? { status: 202, body: aMessage({ chatId }) } : undefined));
  show(<Composer chatId={chatId} />);
  await attach("location");
  type("location-position", "na esquina");
  expect(screen.getByRole("alert").textContent).toContain("Não há latitude e longitude");
  type("location-position", "https://maps.google.com/?q=-23.5,-46.6");
  type("location-name", "Loja");
  fireEvent.click(screen.getByTestId("location-send"));
  const location = { latitude: -23.5, longitude: -46.6, name: "Loja", address: null };
  expect((await called(path)).body).toEqual({ location });
});

test("contact cards are chosen among the clients", async () => {
  const bia = aClient({ name: "Bia", whatsappNumber: "5511988887777" });
  answerWith((call) => {
    if (call.path.startsWith("/v1/clients")) return { body: { items: [bia], next: null } };
    return call.path === path ? { status: 202, body: aMessage({ chatId }) } : undefined;
  });
  show(<Composer chatId={chatId} />);
  await attach("contacts");
  expect(isDisabled("contact-send")).toBe(true);
  fireEvent.click(await screen.findByTestId(`contact-${bia.id}`));
  fireEvent.click(screen.getByTestId("contact-send"));
  const numbers = [{ text: expect.stringContaining("98888"), whatsAppNumber: "5511988887777" }];
  expect((await called(path)).body).toEqual({ contacts: [{ name: "Bia", organisation: null, numbers }] });
});

test("the menu offers only what the engine of the session can send", () => {
  expect(engines.simulator.capabilities.sends).toContain("poll");
  show(<Composer chatId={chatId} sends={["text", "document", "location"]} />);
  fireEvent.click(screen.getByRole("button", { name: "Anexar" }));
  const items = within(screen.getByRole("menu")).getAllByRole("menuitem");
  expect(items.map(({ textContent }) => textContent)).toEqual(["Arquivo", "Localização"]);
});

test("a message is forwarded to at most five chats, with one request for each", async () => {
  const message = aMessage({ body: "olha isto" });
  const chats = Array.from({ length: 6 }, (_, at) => aChat({ client: aClient({ name: `Cliente ${at}` }) }));
  answerWith((call) => {
    if (call.path.startsWith("/v1/chats?")) return { body: { items: chats, next: null } };
    return call.method === "POST" ? { status: 202, body: aMessage({}) } : undefined;
  });
  show(<MessageBubble message={message} isFirstOfGroup onResend={() => undefined} />);
  fireEvent.click(screen.getByRole("button", { name: "Ações da mensagem" }));
  fireEvent.click(screen.getByTestId("action-forward"));
  for (const { id } of chats) fireEvent.click(await screen.findByTestId(`forward-${id}`));
  expect(screen.getByRole("alert").textContent).toContain("no máximo 5");
  expect(isDisabled("forward-send")).toBe(true);
  const [first, second, ...others] = chats;
  for (const { id } of others) fireEvent.click(screen.getByTestId(`forward-${id}`));
  fireEvent.click(screen.getByTestId("forward-send"));
  for (const chat of [first, second])
    expect((await called(`/v1/chats/${chat?.id}/messages`)).body).toEqual({ forward: { messageId: message.id } });
  expect(calls.filter(({ method, path: each }) => method === "POST" && each.endsWith("/messages"))).toHaveLength(2);
});

test.for([
  ["view-once", aMessage({ type: 1, body: "", context: { isViewOnce: true } })],
  ["poll", aMessage({ type: 9, content: { poll: { question: "?", options: ["a", "b"], mostChoices: 1 } } })],
  ["file that is missing", aMessage({ type: 1, body: "foto" })],
] as const)("forwarding is not offered for a %s", ([, message]) => {
  show(<MessageBubble message={message} isFirstOfGroup onResend={() => undefined} />);
  fireEvent.click(screen.getByRole("button", { name: "Ações da mensagem" }));
  expect(screen.queryByTestId("action-forward")).toBeNull();
});
