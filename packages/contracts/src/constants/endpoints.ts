export interface Endpoint {
  method: "get" | "post" | "patch" | "delete";
  /** In Express syntax: `/v1/sessions/:id`. */
  path: string;
}

/** Method and path of every REST operation. The route definitions add schemas and texts. */
export const endpoints = {
  login: { method: "post", path: "/v1/auth/login" },
  refresh: { method: "post", path: "/v1/auth/refresh" },
  logout: { method: "post", path: "/v1/auth/logout" },
  getMe: { method: "get", path: "/v1/me" },
  getKeySet: { method: "get", path: "/.well-known/jwks.json" },

  listSessions: { method: "get", path: "/v1/sessions" },
  createSession: { method: "post", path: "/v1/sessions" },
  getSession: { method: "get", path: "/v1/sessions/:id" },
  removeSession: { method: "delete", path: "/v1/sessions/:id" },
  connectSession: { method: "post", path: "/v1/sessions/:id/connect" },
  disconnectSession: { method: "post", path: "/v1/sessions/:id/disconnect" },
  logoutSession: { method: "post", path: "/v1/sessions/:id/logout" },
  getSessionQr: { method: "get", path: "/v1/sessions/:id/qr" },
  getSessionPairingCode: { method: "get", path: "/v1/sessions/:id/pairing-code" },
  getSessionPacing: { method: "get", path: "/v1/sessions/:id/pacing" },

  listClients: { method: "get", path: "/v1/clients" },
  getClient: { method: "get", path: "/v1/clients/:id" },
  listChats: { method: "get", path: "/v1/chats" },
  openChat: { method: "post", path: "/v1/chats" },
  getChat: { method: "get", path: "/v1/chats/:id" },
  markChatRead: { method: "post", path: "/v1/chats/:id/read" },
  typeInChat: { method: "post", path: "/v1/chats/:id/typing" },
  listMessages: { method: "get", path: "/v1/chats/:id/messages" },
  getMedia: { method: "get", path: "/v1/media/:id" },
  getMediaThumbnail: { method: "get", path: "/v1/media/:id/thumbnail" },
  linkMedia: { method: "post", path: "/v1/media/:id/link" },
  getLinkedMedia: { method: "get", path: "/v1/media/:id/content" },
  retryMessageMedia: { method: "post", path: "/v1/messages/:id/media/retry" },

  sendMessage: { method: "post", path: "/v1/chats/:id/messages" },
  uploadMedia: { method: "post", path: "/v1/media" },

  createRealtimeTicket: { method: "post", path: "/v1/realtime/ticket" },
  getRealtimeStats: { method: "get", path: "/v1/realtime/stats" },
  broadcast: { method: "post", path: "/v1/realtime/broadcast" },

  loginOperator: { method: "post", path: "/v1/operator/login" },
  refreshOperator: { method: "post", path: "/v1/operator/auth/refresh" },
  logoutOperator: { method: "post", path: "/v1/operator/auth/logout" },
  listOperators: { method: "get", path: "/v1/operator/operators" },
  createOperator: { method: "post", path: "/v1/operator/operators" },
  resetOperator: { method: "post", path: "/v1/operator/operators/:id/reset" },
  disableOperator: { method: "post", path: "/v1/operator/operators/:id/disable" },
  enableOperator: { method: "post", path: "/v1/operator/operators/:id/enable" },

  listCompanies: { method: "get", path: "/v1/operator/companies" },
  createCompany: { method: "post", path: "/v1/operator/companies" },
  getCompany: { method: "get", path: "/v1/operator/companies/:id" },
  renameCompany: { method: "patch", path: "/v1/operator/companies/:id" },
  inviteOwner: { method: "post", path: "/v1/operator/companies/:id/owner" },
  suspendCompany: { method: "post", path: "/v1/operator/companies/:id/suspend" },
  reopenCompany: { method: "post", path: "/v1/operator/companies/:id/reopen" },
  scheduleCompanyDeletion: { method: "post", path: "/v1/operator/companies/:id/deletion" },
  cancelCompanyDeletion: { method: "delete", path: "/v1/operator/companies/:id/deletion" },
  getPlatformHealth: { method: "get", path: "/v1/operator/health" },
  deleteOwnCompany: { method: "post", path: "/v1/company/deletion" },

  listDeadLetters: { method: "get", path: "/v1/dead-letters" },
  redriveDeadLetters: { method: "post", path: "/v1/dead-letters/redrive" },
  redriveDeadLetter: { method: "post", path: "/v1/dead-letters/:id/redrive" },
  discardDeadLetter: { method: "post", path: "/v1/dead-letters/:id/discard" },
  listAllDeadLetters: { method: "get", path: "/v1/operator/dead-letters" },
  redriveAllDeadLetters: { method: "post", path: "/v1/operator/dead-letters/redrive" },
  redriveAnyDeadLetter: { method: "post", path: "/v1/operator/dead-letters/:id/redrive" },
  discardAnyDeadLetter: { method: "post", path: "/v1/operator/dead-letters/:id/discard" },
  openQueueDashboard: { method: "post", path: "/v1/operator/queue-dashboard" },

  listApiKeys: { method: "get", path: "/v1/api-keys" },
  createApiKey: { method: "post", path: "/v1/api-keys" },
  revokeApiKey: { method: "delete", path: "/v1/api-keys/:id" },

  listWebhooks: { method: "get", path: "/v1/webhooks" },
  createWebhook: { method: "post", path: "/v1/webhooks" },
  getWebhook: { method: "get", path: "/v1/webhooks/:id" },
  updateWebhook: { method: "patch", path: "/v1/webhooks/:id" },
  removeWebhook: { method: "delete", path: "/v1/webhooks/:id" },
  enableWebhook: { method: "post", path: "/v1/webhooks/:id/enable" },
  disableWebhook: { method: "post", path: "/v1/webhooks/:id/disable" },
  rotateWebhookSecret: { method: "post", path: "/v1/webhooks/:id/rotate-secret" },
  testWebhook: { method: "post", path: "/v1/webhooks/:id/test" },
  listWebhookDeliveries: { method: "get", path: "/v1/webhooks/:id/deliveries" },
  getWebhookDelivery: { method: "get", path: "/v1/webhooks/:id/deliveries/:eventId" },
  redriveWebhookDelivery: { method: "post", path: "/v1/webhooks/:id/deliveries/:eventId/redrive" },
  redriveWebhookDeliveries: { method: "post", path: "/v1/webhooks/:id/redrive" },

  listConsumers: { method: "get", path: "/v1/consumers" },
  createConsumer: { method: "post", path: "/v1/consumers" },
  removeConsumer: { method: "delete", path: "/v1/consumers/:name" },
  readConsumerEvents: { method: "get", path: "/v1/consumers/:name/events" },
  acknowledgeConsumerEvents: { method: "post", path: "/v1/consumers/:name/ack" },
  seekConsumer: { method: "post", path: "/v1/consumers/:name/seek" },

  getLiveness: { method: "get", path: "/health/live" },
  getReadiness: { method: "get", path: "/health/ready" },
  getMetrics: { method: "get", path: "/metrics" },
} as const satisfies Record<string, Endpoint>;
export type Operation = keyof typeof endpoints;
