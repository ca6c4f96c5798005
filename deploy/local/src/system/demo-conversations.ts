import { randomUUID } from "node:crypto";
import type { CompanyUnit, Database } from "@syszap/database";

/** One message of a demo conversation: of the customer or the phone, some minutes ago, or of a user, queued at the start. */
type Line =
  | { client: string; minutesAgo: number }
  | { phone: string; minutesAgo: number }
  | { by: string; body: string };

interface DemoConversation {
  /** In a range (000x) that is not assigned to real lines, and no number of the simulator's own customers. */
  number: string;
  name: string;
  lines: readonly Line[];
  isUnread?: true;
}

/** By session. `by` is the first name of a demo login. */
const conversations: Record<string, readonly DemoConversation[]> = {
  "Loja 1": [
    {
      number: "5511960004011",
      name: "Helena Duarte",
      lines: [
        { client: "Bom dia! Vocês entregam no sábado?", minutesAgo: 19 },
        { client: "Seria um bolo de cenoura para 12 pessoas 🥕", minutesAgo: 18 },
        { by: "Ana", body: "Bom dia, Helena! Entregamos sim, das 9h às 12h." },
        { by: "Bruno", body: "Reservei um bolo grande para sábado às 10h. Fica R$ 89,00." },
      ],
    },
    {
      number: "5521970004022",
      name: "Otávio Prado",
      lines: [
        { client: "Oi, meu pedido #10482 já saiu?", minutesAgo: 52 },
        { phone: "Oi, Otávio! Vou ver com a entrega.", minutesAgo: 47 },
        { client: "Obrigado 🙏", minutesAgo: 46 },
        { by: "Bruno", body: "Saiu agora há pouco e chega em uns 20 minutos." },
      ],
    },
    {
      number: "5531980004033",
      name: "Lígia Moraes",
      lines: [{ client: "Vocês abrem no feriado?", minutesAgo: 6 }],
      isUnread: true,
    },
    {
      number: "5541990004044",
      name: "Sérgio Valente",
      lines: [
        { client: "Consegue me mandar a tabela de preços?", minutesAgo: 95 },
        { phone: "Claro, Sérgio, envio ainda hoje.", minutesAgo: 90 },
      ],
    },
  ],
  "Loja 2": [
    {
      number: "5551960004055",
      name: "Condomínio Aurora",
      lines: [
        { client: "O entregador está na portaria errada", minutesAgo: 31 },
        { by: "Carla", body: "Já avisei o entregador, ele chega em 5 minutos." },
      ],
    },
    {
      number: "5561970004066",
      name: "Paulo Teixeira",
      lines: [
        { client: "Posso mudar o endereço da entrega?", minutesAgo: 12 },
        { by: "Carla", body: "Pode sim! Qual é o novo endereço?" },
        { by: "Ana", body: "E não tem custo adicional, Paulo." },
      ],
    },
  ],
};

interface Company {
  id: string;
  sessions: readonly { id: string; name: string }[];
  users: readonly { id: string; name: string }[];
}

/** Stores what customers wrote, and queues the answers, which the simulated phones send when they start. */
export function seedConversations(database: Database, { id, sessions, users }: Company): Promise<void> {
  const userIdOf = (firstName: string) => users.find(({ name }) => name.startsWith(`${firstName} `))?.id ?? "";
  return database.withCompany(id, async (unit) => {
    for (const session of sessions)
      for (const conversation of conversations[session.name] ?? [])
        await store(unit, { sessionId: session.id, conversation, userIdOf });
  });
}

interface Stored {
  sessionId: string;
  conversation: DemoConversation;
  userIdOf: (firstName: string) => string;
}

async function store(unit: CompanyUnit, { sessionId, conversation, userIdOf }: Stored): Promise<void> {
  const { number, name, lines } = conversation;
  const waChatId = `${number}@c.us`;
  const contactAt = new Date(Math.max(...lines.map(timeOf)));
  const { client } = await unit.clientResolver.touchFromMessage({ number, name, contactAt });
  const chat = await unit.chatRecorder.upsert({ sessionId, waChatId, clientId: client.id });
  for (const [index, line] of lines.entries()) {
    const message =
      "by" in line
        ? (await unit.outboundQueue.add({ chatId: chat.id, body: line.body, userId: userIdOf(line.by) }))?.message
        : await unit.messages.insertOnce({
            chatId: chat.id,
            sessionId,
            direction: "client" in line ? 0 : 1,
            waKey: randomUUID(),
            kind: "text",
            body: "client" in line ? line.client : line.phone,
            status: "client" in line ? null : "read",
            mediaId: null,
            timestampMs: timeOf(line),
            generation: 0,
            receipt: index,
          });
    if (message) await unit.chatRecorder.recordMessage(message);
  }
  if (!conversation.isUnread) await unit.chats.markRead(chat.id);
}

const timeOf = (line: Line): number => Date.now() - ("by" in line ? 0 : line.minutesAgo * 60_000);
