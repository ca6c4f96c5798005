import type { Chat } from "@syszap/contracts";
import { expect } from "vitest";
import type { TestUser } from "../support/api-test.ts";
import type { Step } from "./arbitraries.ts";
import { pick } from "./changes.ts";
import type { Bearer, Person, TestCompany, TestFile } from "./company.ts";
import type { RestClient } from "./rest-client.ts";

interface Link {
  url: string;
  person: Person;
  /** The person's login when the link was created. */
  login: TestUser;
  file: TestFile;
}

/** Reads through every way of the REST API, and compares what a person gets with what the person sees by the rule. */
export class Reads {
  private readonly links: Link[] = [];
  requests = 0;

  constructor(
    private readonly company: TestCompany,
    private readonly rest: RestClient,
  ) {}

  async take({ person: number, isKey, way }: Extract<Step, { kind: "read" }>): Promise<void> {
    const person = pick(this.company.people, number);
    const bearer = isKey ? person.key : person.user.bearer;
    switch (way) {
      case "lists":
        await this.checkLists(person, bearer, "");
        return this.checkCounts(person, bearer);
      case "search":
        for (const { name, number } of this.company.clients) {
          await this.checkLists(person, bearer, name);
          await this.checkLists(person, bearer, number);
        }
        for (const { group } of this.company.chats) if (group) await this.checkLists(person, bearer, group.subject);
        return;
      case "single reads":
        return this.checkSingleReads(person, bearer);
      case "messages":
        return this.checkMessages(person, bearer);
      case "files":
        return this.checkFiles(person, bearer);
      case "links":
        return this.checkLinks();
      case "consumer":
        return this.checkConsumer(person);
    }
  }

  /** Creates a link, which must stop working when its person loses the file. */
  async link(personNumber: number, fileNumber: number): Promise<void> {
    const person = pick(this.company.people, personNumber);
    const file = pick(this.company.files, fileNumber);
    const { status, body } = await this.send(person.user.bearer, `/v1/media/${file.id}/link`, "POST");
    this.expectStatus(status, person, this.company.seesFile(person, file), "status of a new link");
    if (status === 200) this.links.push({ url: body.url, person, login: person.user, file });
  }

  /** Links from before a move must give what their person sees now. */
  async checkLinks(): Promise<void> {
    for (const { url, person, login, file } of this.links) {
      const { status } = await this.send(login.bearer, url);
      // The user was disabled in between, which ends logins. It is known for half a second after the user was enabled again.
      if (status === 401 && login !== person.user) continue;
      this.expectStatus(status, person, this.company.seesFile(person, file), "status of a link");
    }
  }

  private async checkLists(person: Person, bearer: Bearer, search: string): Promise<void> {
    const chats = this.company
      .chatsOf(person)
      .filter(({ client, group }) => `${client?.name} ${client?.number} ${group?.subject}`.includes(search));
    const clients = new Set(chats.flatMap(({ client }) => client ?? []));
    const query = search === "" ? "" : `&search=${encodeURIComponent(search)}`;
    expect(await this.idsOf(person, bearer, `/v1/chats?limit=2${query}`), "listed chats").toEqual(sortedIds(chats));
    expect(await this.idsOf(person, bearer, `/v1/clients?limit=2${query}`), "listed clients").toEqual(
      sortedIds([...clients]),
    );
  }

  /** The totals must be the sum of what is unread in the chats that the person sees; of groups, of mentions. */
  private async checkCounts(person: Person, bearer: Bearer): Promise<void> {
    const { status, body } = await this.send(bearer, "/v1/inbox/counts");
    if (status === 401 && person.isDisabled) return;
    expect(status, "status of the counts").toBe(200);
    const seen = new Set(this.company.chatsOf(person).map(({ id }) => id));
    const { body: all } = await this.send(this.company.owner.bearer, "/v1/chats?limit=100");
    const unread = (all.items as Chat[])
      .filter(({ id }) => seen.has(id))
      .map(({ group, unreadCount }) => group?.unreadMentions ?? unreadCount)
      .filter((count) => count > 0);
    expect(body, "counts").toEqual({
      unreadChats: unread.length,
      unreadMessages: unread.reduce((sum, count) => sum + count, 0),
    });
  }

  private async checkSingleReads(person: Person, bearer: Bearer): Promise<void> {
    const seen = this.company.chatsOf(person);
    for (const chat of this.company.chats) {
      const { status } = await this.send(bearer, `/v1/chats/${chat.id}`);
      this.expectStatus(status, person, seen.includes(chat), "status of a chat");
      const { status: ofParticipants } = await this.send(bearer, `/v1/chats/${chat.id}/participants`);
      this.expectStatus(ofParticipants, person, seen.includes(chat), "status of the participants");
    }
    for (const client of this.company.clients) {
      const { status } = await this.send(bearer, `/v1/clients/${client.id}`);
      const isSeen = seen.some((chat) => chat.client === client);
      this.expectStatus(status, person, isSeen, "status of a client");
    }
  }

  private async checkMessages(person: Person, bearer: Bearer): Promise<void> {
    for (const { id, session, messageIds } of this.company.chats) {
      const { status, body } = await this.send(bearer, `/v1/chats/${id}/messages?limit=100`);
      this.expectStatus(status, person, this.company.sees(person, session), "status of messages");
      if (status === 200) expect(sortedIds(body.items), "messages of a chat").toEqual([...messageIds].sort());
    }
  }

  private async checkFiles(person: Person, bearer: Bearer): Promise<void> {
    for (const file of this.company.files) {
      const isSeen = this.company.seesFile(person, file);
      for (const path of [`/v1/media/${file.id}`, `/v1/media/${file.id}/thumbnail`]) {
        const { status } = await this.send(bearer, path);
        this.expectStatus(status, person, isSeen, `status of ${path}`);
      }
    }
  }

  /** Consumers belong to owners and admins. The key of a user who lost that role must read nothing. */
  private async checkConsumer(person: Person): Promise<void> {
    const { status } = await this.send(person.key, "/v1/consumers/erp/events");
    if (person.isDisabled) expect(status, "status of a disabled user's key").toBe(401);
    else
      expect(status, `status of a consumer's read by the key of the ${person.role}`).toBe(
        person.role === "agent" ? 403 : 200,
      );
  }

  /** The ids of all pages. A user whose login has ended may be admitted for half a second, and finds nothing then. */
  private async idsOf(person: Person, bearer: Bearer, path: string): Promise<string[]> {
    const ids: string[] = [];
    for (let before: string | null = ""; before !== null; ) {
      const { status, body } = await this.send(bearer, before === "" ? path : `${path}&before=${before}`);
      if (status === 401 && person.isDisabled) return [];
      expect(status, `status of ${path}`).toBe(200);
      ids.push(...sortedIds(body.items));
      before = body.next;
    }
    return ids.sort();
  }

  private expectStatus(status: number, person: Person, isSeen: boolean | undefined, label: string): void {
    if (isSeen === undefined) return;
    const expected = person.isDisabled ? [401, 404] : [isSeen ? 200 : 404];
    expect(expected, `${label}, of the ${person.role} ${person.user.userId}`).toContain(status);
  }

  private send(bearer: Bearer, path: string, method = "GET") {
    this.requests += 1;
    return this.rest.request(bearer, `${method} ${path}`);
  }
}

const sortedIds = (items: readonly { id: string }[]): string[] => items.map(({ id }) => id).sort();
