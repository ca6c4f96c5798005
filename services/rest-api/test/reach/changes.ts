import { randomUUID } from "node:crypto";
import { expect } from "vitest";
import { blackPng } from "../support/png.ts";
import type { Change, Move } from "./arbitraries.ts";
import type { Person, TestCompany, TestFile } from "./company.ts";
import type { RestClient } from "./rest-client.ts";

export interface ChangeContext {
  company: TestCompany;
  rest: RestClient;
  isAlone: boolean;
}

export const pick = <Item>(items: readonly Item[], number: number): Item => {
  const item = items[number % items.length];
  if (item === undefined) throw new Error("there is nothing to pick from");
  return item;
};

/** Changes who sees what, by requests of the owner, and notes it in `company` when the request was answered. */
export async function makeMove(company: TestCompany, rest: RestClient, move: Move): Promise<void> {
  const { bearer } = company.owner;
  switch (move.kind) {
    case "teams of session": {
      const session = pick(company.sessions, move.session);
      const teamIds = move.teams.map((number) => pick(company.teams, number));
      const change = { add: teamIds, remove: company.teams.filter((id) => !teamIds.includes(id)), mayServeAll: true };
      const operation = `PATCH /v1/sessions/${session.id}/teams`;
      await rest.expect(session.isRemoved ? 404 : 200, bearer, operation, change);
      if (!session.isRemoved) session.teams = new Set(teamIds);
      return;
    }
    case "members of team": {
      const team = pick(company.teams, move.team);
      const members = move.people.map((number) => pick(company.people, number));
      const idsOf = (people: readonly Person[]) => people.map(({ user }) => user.userId);
      const others = company.people.filter((person) => !members.includes(person));
      const change = { add: idsOf(members), remove: idsOf(others) };
      await rest.expect(200, bearer, `PATCH /v1/teams/${team}/members`, change);
      for (const person of company.people) person.teams[members.includes(person) ? "add" : "delete"](team);
      return;
    }
    case "agents see":
      await rest.expect(200, bearer, "PATCH /v1/company", { agentsSee: move.agentsSee });
      company.agentsSee = move.agentsSee;
      return;
    case "role": {
      const person = pick(company.people, move.person);
      await rest.expect(200, bearer, `PATCH /v1/users/${person.user.userId}`, { role: move.role });
      person.role = move.role;
      return;
    }
    case "disabled": {
      const person = pick(company.people, move.person);
      const { isDisabled: disabled } = move;
      await rest.expect(200, bearer, `PATCH /v1/users/${person.user.userId}`, { disabled });
      if (person.isDisabled && !disabled) await company.signInAgain(person);
      person.isDisabled = disabled;
      return;
    }
    case "team replaced":
      return replaceTeam(company, rest, move.team % company.teams.length);
    case "session removed": {
      const session = pick(company.sessions, move.session);
      await company.api.database.withCompany(company.id, ({ sessions }) => sessions.remove(session.id));
      session.isRemoved = true;
      return;
    }
  }
}

/**
 * Deletes a team and creates another one. A team that alone serves a session is kept; of removed sessions it stays the only
 * team.
 */
async function replaceTeam(company: TestCompany, rest: RestClient, number: number): Promise<void> {
  const { bearer } = company.owner;
  const team = pick(company.teams, number);
  const served = company.sessions.filter(({ teams, isRemoved }) => teams.has(team) && !isRemoved);
  const isNeeded = served.some(({ teams }) => teams.size === 1);
  await rest.expect(isNeeded ? 409 : 204, bearer, `DELETE /v1/teams/${team}`);
  if (isNeeded) return;
  for (const { teams } of served) teams.delete(team);
  for (const person of company.people) person.teams.delete(team);
  company.teams[number] = (await rest.expect(201, bearer, "POST /v1/teams", { name: randomUUID() })).id;
}

/**
 * Changes data, as the worker does or by requests of a person, which must be refused outside the person's reach. `isAlone` is false while
 * a move is made, when either is correct.
 */
export async function makeChange(context: ChangeContext, change: Change): Promise<void> {
  const { company, rest } = context;
  switch (change.kind) {
    case "message":
      return receiveMessage(company, change);
    case "picture":
      return changePicture(company, change);
    case "group":
      return changeGroup(company, change);
    case "send":
      return send(context, change);
    case "mark read": {
      const [person, chat] = [pick(company.people, change.person), pick(company.chats, change.chat)];
      const isSeen = company.sees(person, chat.session);
      const { status } = await rest.request(person.user.bearer, `POST /v1/chats/${chat.id}/read`);
      if (context.isAlone)
        expect(statusesFor(person, isSeen, 200), "status of marking a chat as read").toContain(status);
      return;
    }
  }
}

/** The user of an ended login may still be admitted for half a second, and finds nothing then. */
const statusesFor = (person: Person, isSeen: boolean, success: number): number[] => {
  if (person.isDisabled) return [401, 404];
  return [isSeen ? success : 404];
};

async function receiveMessage(
  company: TestCompany,
  { chat: chatNumber, file: fileNumber, isMention }: Extract<Change, { kind: "message" }>,
) {
  const chat = pick(company.chats, chatNumber);
  const file = fileNumber === undefined ? undefined : pick(sharedFiles(company), fileNumber);
  const timestampMs = company.nextTime();
  await company.api.database.withCompany(company.id, async ({ clientResolver, messages, chatRecorder, emit }) => {
    if (chat.client) {
      const { number, name } = chat.client;
      const touched = await clientResolver.touchFromMessage({ number, name, contactAt: new Date(timestampMs) });
      if (touched.isChanged) emit.clientUpdate(touched.client);
    }
    const message = await messages.insertOnce({
      ...{ chatId: chat.id, sessionId: chat.session.id, direction: 0, waKey: randomUUID(), status: null },
      ...{
        kind: file ? "image" : "text",
        body: "oi",
        mediaId: file?.id ?? null,
        timestampMs,
        generation: 1,
        receipt: 1,
      },
      ...(chat.group && { sender: { number: "5511900000000", name: "Bia" }, mentionsUs: isMention }),
    });
    if (!message) throw new Error("the message was not stored");
    const recorded = await chatRecorder.recordMessage(message);
    emit.newMessage(message, recorded);
    emit.chatUpdate(recorded);
    chat.messageIds.add(message.id);
  });
  file?.chats.add(chat);
}

async function changePicture(company: TestCompany, change: { client: number; file: number }): Promise<void> {
  const client = pick(company.clients, change.client);
  const file = pick(sharedFiles(company), change.file);
  const { number, name } = client;
  const contact = { number, name, pictureMediaId: file.id, atMs: company.nextTime() };
  await company.api.database.withCompany(company.id, async ({ clients, emit }) => {
    const changed = await clients.applyContact(contact);
    if (changed) emit.clientUpdate(changed);
  });
  client.pictureId = file.id;
}

async function changeGroup(company: TestCompany, change: Extract<Change, { kind: "group" }>): Promise<void> {
  const groups = company.chats.filter(({ group }) => group);
  if (groups.length === 0) return;
  const { group, session } = pick(groups, change.chat);
  if (!group) return;
  const subject = change.isNamed ? `Zé ${randomUUID()}` : group.subject;
  const pictureId = change.isNamed ? group.pictureId : pick(sharedFiles(company), change.file).id;
  const report = { sessionId: session.id, waChatId: group.waChatId, subject, pictureMediaId: pictureId };
  await company.api.database.withCompany(company.id, async ({ groups, emit }) => {
    const changed = await groups.apply({ ...report, at: new Date(company.nextTime()) });
    if (changed) emit.chatUpdate(changed);
  });
  Object.assign(group, { subject, pictureId });
}

/** Sends a text or a file. A person outside the reach of the chat or of the file must be refused, also when repeating a request. */
async function send(context: ChangeContext, change: Extract<Change, { kind: "send" }>): Promise<void> {
  const { company, rest } = context;
  const [person, chat] = [pick(company.people, change.person), pick(company.chats, change.chat)];
  const file = change.file === undefined ? undefined : pick(company.files, change.file);
  const idempotencyKey = [person.user.userId, chat.id, file?.id, change.key].join("/");
  const body = file ? { media: { id: file.id } } : { body: "oi" };
  const isSeen = company.sees(person, chat.session);
  const seesFile = file === undefined || company.seesFile(person, file);
  const headers = { "Idempotency-Key": idempotencyKey };
  const answer = await rest.request(person.user.bearer, `POST /v1/chats/${chat.id}/messages`, { body, headers });
  if (context.isAlone && isSeen && chat.session.isRemoved)
    expect([401, 404, 409], "status of sending").toContain(answer.status);
  else if (context.isAlone && seesFile !== undefined)
    expect(statusesFor(person, isSeen && seesFile, 202), "status of sending").toContain(answer.status);
  if (answer.status !== 202) return;
  chat.messageIds.add(answer.body.id);
  file?.chats.add(chat);
}

export async function upload(company: TestCompany, rest: RestClient, person: Person): Promise<void> {
  const bytes = Buffer.concat([blackPng({ width: 8, height: 8 }), Buffer.from(randomUUID())]);
  const { status, body } = await rest.request(person.user.bearer, "POST /v1/media", { bytes });
  expect(person.isDisabled ? [401, 201] : [201], "status of an upload").toContain(status);
  if (status === 201) company.files.push({ id: body.id, chats: new Set(), uploadedBy: person });
}

const sharedFiles = ({ files }: TestCompany): TestFile[] => files.filter(({ uploadedBy }) => !uploadedBy);
