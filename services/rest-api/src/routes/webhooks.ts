import { randomBytes, randomUUID } from "node:crypto";
import { maxRedriven, maxWebhooks, type Webhook, webhookSecretPrefix, webhookTestType } from "@syszap/contracts";
import type { CompanyUnit, Database } from "@syszap/database";
import type { Logger } from "@syszap/platform";
import { auditActorOf } from "../auth/audit-actor.ts";
import type { HandlersOf } from "../endpoint.ts";
import { notFound, ProblemError } from "../problem.ts";
import { requirePublicAddress } from "../public-address.ts";

interface WebhookDependencies {
  database: Database;
  /** Allows private addresses and plain HTTP. */
  allowPrivate: boolean;
  log: Logger;
}
type Endpoints =
  | "listWebhooks"
  | "createWebhook"
  | "getWebhook"
  | "updateWebhook"
  | "removeWebhook"
  | "enableWebhook"
  | "disableWebhook"
  | "rotateWebhookSecret";

export const webhookRoutes = ({ database, allowPrivate, log }: WebhookDependencies): HandlersOf<Endpoints> => ({
  listWebhooks: async ({ caller }) => ({
    items: await database.withCompany(caller.companyId, ({ webhooks }) => webhooks.list()),
  }),

  createWebhook: async ({ body, caller, req }) => {
    const { companyId, userId } = caller;
    requirePublicAddress("url", body.url, allowPrivate);
    const secret = newSecret();
    const webhook = await database.withCompany(companyId, async ({ webhooks, audit }) => {
      const created = await webhooks.create({ ...body, secret }, maxWebhooks);
      if (created)
        await audit.record(auditActorOf(caller, req), {
          action: "webhook_created",
          ...target(created.id),
          after: settingsOf(created),
        });
      return created;
    });
    if (!webhook)
      throw new ProblemError("conflict", `A company can have at most ${maxWebhooks} endpoints. Remove one first.`);
    log.info({ companyId, userId, webhookId: webhook.id }, "webhook created");
    return { ...webhook, secret };
  },

  getWebhook: ({ params, caller }) =>
    database.withCompany(caller.companyId, async ({ webhooks }) => requireWebhook(await webhooks.find(params.id))),

  updateWebhook: ({ params, body, caller, req }) => {
    if (body.url !== undefined) requirePublicAddress("url", body.url, allowPrivate);
    return database.withCompany(caller.companyId, async ({ webhooks, audit }) => {
      const before = settingsOf(requireWebhook(await webhooks.find(params.id)));
      const webhook = requireWebhook(await webhooks.update(params.id, body));
      const change = { action: "webhook_updated", ...target(params.id), before, after: settingsOf(webhook) } as const;
      await audit.record(auditActorOf(caller, req), change);
      return webhook;
    });
  },

  removeWebhook: async ({ params: { id }, caller, req }) => {
    const { companyId, userId } = caller;
    await database.withCompany(companyId, async ({ webhooks, audit }) => {
      const before = settingsOf(requireWebhook(await webhooks.find(id)));
      await webhooks.remove(id);
      await audit.record(auditActorOf(caller, req), { action: "webhook_removed", ...target(id), before });
    });
    log.info({ companyId, userId, webhookId: id }, "webhook removed");
    return undefined;
  },

  enableWebhook: ({ params, caller, req }) =>
    database.withCompany(caller.companyId, async ({ webhooks, audit }) => {
      const webhook = requireWebhook(await webhooks.enable(params.id));
      await audit.record(auditActorOf(caller, req), { action: "webhook_enabled", ...target(params.id) });
      return webhook;
    }),

  disableWebhook: ({ params, caller, req }) =>
    database.withCompany(caller.companyId, async ({ webhooks, audit }) => {
      const webhook = requireWebhook(await webhooks.disable(params.id));
      await audit.record(auditActorOf(caller, req), { action: "webhook_disabled", ...target(params.id) });
      return webhook;
    }),

  rotateWebhookSecret: async ({ params: { id }, body, caller, req }) => {
    const { companyId, userId } = caller;
    const secret = newSecret();
    const overlapMs = body.overlapHours * 3_600_000;
    const webhook = await database.withCompany(companyId, async ({ webhooks, audit }) => {
      const rotated = requireWebhook(await webhooks.rotateSecret(id, secret, overlapMs));
      await audit.record(auditActorOf(caller, req), { action: "webhook_secret_rotated", ...target(id) });
      return rotated;
    });
    log.info({ companyId, userId, webhookId: id }, "webhook secret rotated");
    return { ...webhook, secret };
  },
});

type DeliveryEndpoints =
  | "testWebhook"
  | "listWebhookDeliveries"
  | "getWebhookDelivery"
  | "redriveWebhookDelivery"
  | "redriveWebhookDeliveries";

/** The delivery log. `webhook-sender` sends the deliveries that are added here. */
export const webhookDeliveryRoutes = (database: Database): HandlersOf<DeliveryEndpoints> => ({
  testWebhook: ({ params, caller }) =>
    database.withCompany(caller.companyId, async (unit) => {
      await requireEnabled(unit, params.id);
      const id = randomUUID();
      const data = { timestamp: new Date().toISOString() };
      const body = JSON.stringify({ type: webhookTestType, id, version: 1, data });
      return unit.webhookDeliveries.add(params.id, { id, type: webhookTestType, body });
    }),

  listWebhookDeliveries: ({ params, query, caller }) =>
    database.withCompany(caller.companyId, async ({ webhooks, webhookDeliveries }) => {
      requireWebhook(await webhooks.find(params.id));
      return webhookDeliveries.list(params.id, query);
    }),

  getWebhookDelivery: ({ params, caller }) =>
    database.withCompany(caller.companyId, async ({ webhookDeliveries }) => {
      const delivery = await webhookDeliveries.find(params.id, params.eventId);
      if (!delivery) throw notFound("delivery");
      return delivery;
    }),

  redriveWebhookDelivery: ({ params: { id, eventId }, caller }) =>
    database.withCompany(caller.companyId, async (unit) => {
      await requireEnabled(unit, id);
      const redriven = await unit.webhookDeliveries.redrive(id, eventId);
      if (redriven) return redriven;
      if (!(await unit.webhookDeliveries.find(id, eventId))) throw notFound("delivery");
      throw new ProblemError("conflict", "The delivery is already waiting for its next attempt, see `nextAttemptAt`.");
    }),

  redriveWebhookDeliveries: ({ params, caller }) =>
    database.withCompany(caller.companyId, async (unit) => {
      await requireEnabled(unit, params.id);
      return unit.webhookDeliveries.redriveFailed(params.id, maxRedriven);
    }),
});

const target = (id: string) => ({ target: { kind: "webhook", id } }) as const;
/** The query of an address may contain a secret of the receiver. */
const settingsOf = ({ url, description, eventTypes }: Webhook) => ({
  url: url.split("?", 1)[0],
  description,
  eventTypes,
});

function requireWebhook<Webhook>(webhook: Webhook | undefined): Webhook {
  if (!webhook) throw notFound("webhook");
  return webhook;
}

async function requireEnabled({ webhooks }: CompanyUnit, id: string): Promise<void> {
  if (!requireWebhook(await webhooks.find(id)).isEnabled)
    throw new ProblemError("conflict", "The endpoint is disabled, so nothing would be sent. Enable it first.");
}

const newSecret = () => webhookSecretPrefix + randomBytes(32).toString("base64");
