import type { DataOf, EventType } from "../src/index.ts";

const timestamp = "2026-03-02T14:05:09.120Z";
const sessionId = "5b0d6f0e-6d3c-4c58-9d1e-0f6a3c9d7b21";
const companyId = "0e9c1b52-8c55-4f0c-a7a4-5d7a9a0b6c11";
const chatId = "c2a1d9f4-3b7e-4e0a-8f6d-1b2c3d4e5f60";
const clientId = "7f3e2d1c-0b9a-4877-9655-443322110f0e";
const messageId = "9a8b7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d";
const userId = "3d2c1b0a-9f8e-4d7c-8b6a-594837261504";

/** Example data of every event type, shown in the documents. A new event type does not compile without an example. */
export const eventExamples: { [Type in EventType]: DataOf<Type> } = {
  qr_code: {
    sessionId,
    qrCode: "data:image/png;base64,iVBORw0KGgo=",
    expiresAt: "2026-03-02T14:05:29.120Z",
    attempt: 1,
    timestamp,
  },
  pairing_code: {
    sessionId,
    pairingCode: "7WX2K9QD",
    phoneNumber: "5511999990000",
    expiresAt: "2026-03-02T14:08:24.120Z",
    attempt: 1,
    timestamp,
  },
  session_status: { sessionId, status: "connecting", detail: "syncing", timestamp },
  new_message: {
    Id: messageId,
    Chat_Id: chatId,
    Direction: 0,
    Type: 0,
    Body: "Bom dia! Vocês entregam no sábado? 😊",
    Chat: { WA_Chat_Id: "5511987654321@c.us" },
    Client: { Id: clientId, Name: "Ana Souza", WhatsApp_Number: "5511987654321" },
    Session_Id: sessionId,
    Source_Order: "001772460309120-0000000003-000000000042",
    timestamp,
  },
  new_client: {
    Id: clientId,
    Name: "Ana Souza",
    WhatsApp_Number: "5511987654321",
    Profile_Pic_URL: "/v1/media/e1d2c3b4-a596-4788-b9c0-d1e2f3a4b5c6",
    Company_Id: companyId,
    timestamp,
  },
  client_update: {
    Id: clientId,
    Name: "Ana Souza Lima",
    WhatsApp_Number: "5511987654321",
    Profile_Pic_URL: null,
    Last_Contact_At: timestamp,
    timestamp,
  },
  message_status: { Id: messageId, Chat_Id: chatId, Status: "delivered", timestamp },
  message_update: {
    Id: messageId,
    Chat_Id: chatId,
    Change: "reaction",
    Body: "Entregamos sim!",
    Author: { Id: userId, Name: "Bruno Lima" },
    Edited_At: null,
    Revoked_At: null,
    Reactions: [{ Emoji: "👍", From: "client" }],
    timestamp,
  },
  chat_update: {
    Id: chatId,
    Client_Id: clientId,
    Session_Id: sessionId,
    WA_Chat_Id: "5511987654321@c.us",
    Unread_Count: 0,
    Last_Message: {
      Id: messageId,
      Direction: 1,
      Type: 0,
      Body: "Entregamos sim!",
      Author: { Id: userId, Name: "Bruno Lima" },
      timestamp,
    },
    timestamp,
  },
  access_changed: { timestamp },
  chat_gone: { Id: chatId, timestamp },
  typing: { Chat_Id: chatId, State: "composing", From: "colleague", User_Id: userId, timestamp },
  announcement: {
    title: "Manutenção às 22h",
    body: "O envio de mensagens para por cerca de dois minutos.",
    level: "info",
    timestamp,
  },
  session_pacing: {
    sessionId,
    state: "exhausted",
    cause: "hourly_budget",
    remaining: 0,
    resetsAt: "2026-03-02T14:31:40.000Z",
    timestamp,
  },
  webhook_disabled: {
    webhookId: "4c3b2a19-0817-4f6e-9d5c-4b3a29180716",
    url: "https://erp.example.com/hooks/inbox",
    reason: "gone",
    timestamp,
  },
  presence_check: { Check_Id: "0d9c8b7a-6958-4746-9352-4130f1e2d3c4", timestamp },
  live_stats: { totalConnections: 12, gateways: 2, timestamp },
};
