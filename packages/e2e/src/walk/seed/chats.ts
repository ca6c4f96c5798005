import type { Chat, Client, ClientDetails, GroupParticipant, Message } from "@syszap/contracts";
import { ago, days, hours, idOf } from "./ids.ts";
import { owner, sessionIds } from "./people.ts";

const [salesId = "", supportId = ""] = sessionIds;

const names = [
  "Mariana Oliveira",
  "João Pedro Santos",
  "Distribuidora de Farinhas e Fermentos Nossa Senhora Aparecida Ltda.",
  "Beatriz Costa",
  "Seu Antônio",
  "Camila Rocha",
  "Rafael Teixeira",
  "Larissa Nogueira",
  "Padaria Concorrente",
  "Fernanda Alves",
  "Gustavo Ribeiro",
  "Helena Martins",
];
const texts = [
  "Bom dia! Vocês fazem bolo de aniversário para sábado?",
  "Pode ser entregue até as 10h?",
  "Segue a nota fiscal do pedido 4.512.",
  "Obrigada, ficou uma delícia!",
  "Quanto está o cento do salgado?",
  "Vou buscar no fim da tarde.",
  "Tem pão sem glúten hoje?",
  "Combinado, até amanhã.",
  "Ok",
  "Preciso cancelar o pedido de ontem, por favor.",
  "Qual o endereço da loja do centro?",
  "Perfeito!",
];

export const clients: Client[] = names.map((name, index) => ({
  id: idOf("client", index + 1),
  name,
  whatsappNumber: `5511987654${String(300 + index)}`,
  username: index === 1 ? "joaopedro" : null,
  profilePictureUrl: null,
  lastContactAt: ago(4 + index * 37),
  version: 1,
}));

const lastMessage = (index: number, direction: 0 | 1 = 0): NonNullable<Chat["lastMessage"]> => ({
  id: idOf("last", index),
  direction,
  type: 0,
  body: texts[index] ?? "",
  timestamp: ago(4 + index * 37),
  ...(direction === 1 && { author: { id: owner.userId, name: owner.name } }),
});
const clientChats = clients.map(
  (client, index): Chat => ({
    id: idOf("chat", index + 1),
    sessionId: index % 3 === 1 ? supportId : salesId,
    waChatId: `${client.whatsappNumber}@c.us`,
    client,
    group: null,
    unreadCount: [2, 0, 1, 0, 0, 12, 0, 0, 0, 1, 0, 0][index] ?? 0,
    lastMessage: lastMessage(index, index % 4 === 3 ? 1 : 0),
    version: 1,
  }),
);
export const group: Chat = {
  id: idOf("chat", 50),
  sessionId: salesId,
  waChatId: "120363000000000001@g.us",
  client: null,
  group: {
    ...{ subject: "Equipe da padaria", pictureUrl: null, participantCount: 3 },
    ...{ isMember: true, notifyAll: false, unreadMentions: 1 },
  },
  unreadCount: 3,
  lastMessage: {
    ...{ id: idOf("last", 50), direction: 0, type: 0, body: "Quem abre a loja amanhã?", timestamp: ago(25) },
    sender: { name: "Rita", number: "5511977776666" },
  },
  version: 1,
};
export const chats = [...clientChats.slice(0, 1), group, ...clientChats.slice(1)];
export const mainChat = clientChats[0] as Chat;

export const participants: GroupParticipant[] = [
  { name: "Rita", number: "5511977776666", role: "owner" },
  { name: "Paulo", number: "5511966665555", role: "admin" },
  { name: null, number: "5511944443333", role: "member" },
];

export const clientDetails: ClientDetails = {
  ...(clients[0] as Client),
  addresses: [
    {
      ...{ id: "a".repeat(32), number: "5511987654300", isCurrent: true },
      ...{ firstSeenAt: ago(60 * days), lastSeenAt: ago(0) },
    },
    {
      ...{ id: "b".repeat(32), number: "5521955551234", isCurrent: false },
      ...{ firstSeenAt: ago(300 * days), lastSeenAt: ago(61 * days) },
    },
  ],
  merges: [],
};

const message = (number: number, minutes: number, more: Partial<Message>): Message => ({
  id: idOf("message", number),
  chatId: mainChat.id,
  sessionId: mainChat.sessionId,
  direction: 0,
  type: 0,
  body: "",
  status: null,
  failureReason: null,
  media: null,
  reactions: [],
  editedAt: null,
  revokedAt: null,
  sourceOrder: `${String(Date.parse(ago(minutes))).padStart(15, "0")}-0000000001-${String(number).padStart(12, "0")}`,
  timestamp: ago(minutes),
  version: 1,
  ...more,
});
const own = { direction: 1, author: { id: owner.userId, name: owner.name } } as const;
const file = (mimeType: string, fileName: string | null, size: number) => ({
  ...{ id: idOf("media", size), mimeType, fileName, size },
});

/** A conversation with the kinds of messages that are drawn differently, oldest first. */
export const messages: Message[] = [
  message(1, 26 * hours, { body: "Boa tarde! Vocês entregam no bairro Bela Vista?" }),
  message(2, 25.9 * hours, { ...own, body: "Boa tarde, Mariana! Entregamos sim, das 8h às 18h.", status: "read" }),
  message(3, 25 * hours, {
    type: 5,
    body: "Cardápio",
    media: file("application/pdf", "cardapio-2026.pdf", 482_133),
    ...own,
    status: "delivered",
  }),
  message(4, 24.8 * hours, {
    body: "*Ótimo!* Vou ver com a família e já respondo. Dá para fazer _sem lactose_?",
    reactions: [{ Emoji: "👍", From: "client" }],
  }),
  message(5, 95, {
    type: 7,
    body: "Praça da Sé",
    content: { location: { latitude: -23.5503, longitude: -46.6339, name: "Praça da Sé", address: "São Paulo, SP" } },
  }),
  message(6, 90, { type: 4, body: "", media: file("audio/ogg", null, 38_211) }),
  message(7, 84, {
    type: 9,
    body: "Qual sabor?",
    ...own,
    status: "read",
    content: {
      poll: {
        question: "Qual sabor?",
        options: ["Chocolate", "Morango com chantili", "Prestígio"],
        mostChoices: 1,
        votes: [{ from: "client", options: ["Prestígio"], at: ago(80) }],
      },
    },
  }),
  message(8, 60, {
    body: "Prestígio! Para 20 pessoas, com o nome *Helena* escrito em cima.",
    quoted: { id: idOf("message", 7), direction: 1, type: 9, body: "Qual sabor?", author: own.author },
  }),
  message(9, 58, {
    ...own,
    body: "Perfeito. O total fica R$ 189,90 e o pagamento pode ser por Pix.",
    status: "delivered",
    editedAt: ago(57),
  }),
  message(10, 57, { ...own, body: "", revokedAt: ago(56), status: "delivered" }),
  message(11, 50, {
    type: 8,
    body: "Confeiteira Lúcia",
    content: {
      contacts: [
        {
          name: "Confeiteira Lúcia",
          organisation: "Doces da Lú",
          numbers: [{ text: "+55 11 95555-0101", whatsAppNumber: "5511955550101" }],
        },
      ],
    },
  }),
  message(12, 30, {
    ...own,
    body: "Esta mensagem não pôde ser enviada.",
    status: "failed",
    failureReason: "no_whatsapp",
  }),
  message(13, 6, { body: "Bom dia! Vocês fazem bolo de aniversário para sábado?" }),
  message(14, 4, {
    type: 1,
    body: "",
    missingMedia: {
      state: "pending",
      reason: "on its way",
      mimeType: "image/jpeg",
      fileName: null,
      size: 240_000,
      limit: null,
    },
  }),
];

export const groupMessages: Message[] = [
  message(31, 40, {
    chatId: group.id,
    type: 10,
    body: "Rita adicionou Paulo",
    content: {
      note: {
        event: "added",
        actor: { name: "Rita", number: "5511977776666" },
        targets: [{ name: "Paulo", number: "5511966665555" }],
      },
    },
  }),
  message(32, 32, {
    chatId: group.id,
    body: "O forno já está ligado.",
    sender: { name: "Paulo", number: "5511966665555" },
  }),
  message(33, 31, { ...own, chatId: group.id, body: "Ótimo, obrigada!", status: "sent" }),
  message(34, 25, {
    chatId: group.id,
    body: "Quem abre a loja amanhã?",
    sender: { name: "Rita", number: "5511977776666" },
    mentionsUs: true,
  }),
];
