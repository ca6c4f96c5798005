import { isDeepStrictEqual } from "node:util";
import {
  type ChatSide,
  type Location,
  type Message,
  type MessageStatus,
  type MissingFile,
  maxGroupParticipants,
  type NamedContact,
  type PollVote,
} from "@syszap/contracts";
import { isReached, type Scope } from "../../sql/query.ts";
import { storableJson, toStorableText } from "../../sql/storable-text.ts";
import { MediaRemovalRepository } from "../media/media-removal-repository.ts";
import { isSamePerson, storedParticipant } from "../names/participant.ts";
import { MediaDownloadRepository } from "./media-download-repository.ts";
import {
  type Change,
  type KeyRow,
  keyOfRow,
  lockMessage,
  type MessageKey,
  type MessageRow,
  messagesOf,
  type StoredReaction,
  storableMissing,
  toMessage,
} from "./message-row.ts";
import { movesForward } from "./message-status.ts";

/** Outcome of the file download of a message that was stored without its file. */
export type MediaOutcome = { mediaId: string } | { missing: MissingFile };

export interface LocationChange extends Pick<Location, "latitude" | "longitude"> {
  hasEnded: boolean;
  timestampMs: number;
}

export interface StatusAdvance {
  /** Why sending failed, shown to the user who sent the message. */
  reason?: string | undefined;
  /** WhatsApp's time of the receipt. Defaults to now. */
  atMs?: number | undefined;
}

/** Who reacted or voted: a side of the chat, or a participant of a group. */
type Actor = Pick<StoredReaction, "from" | "sender">;
type StoredVote = Actor & Pick<PollVote, "options" | "at">;

const actorOf = ({ from, sender }: { from: ChatSide; sender?: NamedContact | undefined }): Actor => ({
  from,
  ...(sender && { sender: storedParticipant(sender) }),
});
const isSameActor = (one: Actor, other: Actor): boolean =>
  one.from === other.from && isSamePerson(one.sender, other.sender);
const newest = <Item>(items: readonly Item[]): Item[] => items.slice(-maxGroupParticipants);

/** Applies facts to stored messages. Each method locks its message first, and can be repeated without further effect. */
export class MessageChangeRepository {
  private readonly downloads: MediaDownloadRepository;

  constructor(private readonly scope: Scope) {
    this.downloads = new MediaDownloadRepository(scope);
  }

  /**
   * Moves the status forward only: queued, sent, delivered, read, played. Between `sent` and `failed` the later receipt wins, in any
   * order of arrival; so a repeated status renews its time.
   */
  async advanceStatus(
    key: MessageKey,
    status: Exclude<MessageStatus, "queued">,
    { reason, atMs = Date.now() }: StatusAdvance = {},
  ): Promise<Change> {
    const found = await lockMessage(this.scope, key);
    if (!found) return "absent";
    const current = toMessage(found).status;
    if (current === null) return undefined;
    const since = Number(found.status_at_ms);
    if (status === current && (status === "sent" || status === "failed") && atMs > since) {
      await this.scope.prepared.rows(
        "update messages set status_at_ms = :atMs where company_id = :companyId and id = :id",
        {
          id: found.id,
          atMs,
        },
      );
      return undefined;
    }
    if (!movesForward({ status: current, atMs: since }, { status, atMs })) return undefined;
    const [row] = await this.scope.prepared.rows<MessageRow>(
      `with changed as (
         update messages set status = :status, status_at_ms = :atMs, failure_reason = :reason, next_attempt_at = null,
           version = version + 1, updated_at = now()
         where company_id = :companyId and id = :id returning *
       ) ${messagesOf("changed")}`,
      {
        id: found.id,
        status,
        atMs,
        reason: status === "failed" && reason ? toStorableText(reason) : null,
      },
    );
    return row && toMessage(row);
  }

  /** The newest edit wins, whatever the order of arrival. A deleted message cannot be edited. */
  async applyEdit(key: MessageKey, edit: { body: string; timestampMs: number }): Promise<Change> {
    const found = await lockMessage(this.scope, key);
    if (!found) return "absent";
    if (found.revoked_at || (found.edited_at && found.edited_at.getTime() >= edit.timestampMs)) return undefined;
    return this.update(found.id, "body = :body, edited_at = :at", {
      body: toStorableText(edit.body),
      at: new Date(edit.timestampMs),
    });
  }

  /** Deletes text and file for good. */
  async applyRevoke(key: MessageKey, revoke: { timestampMs: number }): Promise<Change> {
    const found = await lockMessage(this.scope, key);
    if (!found) return "absent";
    if (found.revoked_at) return undefined;
    if (found.missing_media) await this.downloads.remove(key);
    return this.erase(found, new Date(revoke.timestampMs));
  }

  /** Erases a disappearing message whose time has come. Undefined when it is erased already. */
  async expire(id: string): Promise<Message | undefined> {
    const found = await this.scope.row<MessageRow & KeyRow & { expires_at: Date }>(
      `select * from messages where company_id = :companyId and id = :id and expires_at <= clock_timestamp()
         and revoked_at is null for update`,
      { id },
    );
    if (!found) return undefined;
    if (found.missing_media) await this.downloads.remove(keyOfRow(found));
    return this.erase(found, found.expires_at);
  }

  /** Deletes text, file and context of a locked message for good. */
  async erase(found: MessageRow, at: Date): Promise<Message> {
    const message = await this.update(
      found.id,
      `body = '', media_id = null, missing_media = null, content = null, quoted_key = null, quoted = null, revoked_at = :at,
       context = case when jsonb_exists(context, 'expiresAt') then jsonb_build_object('expiresAt', context -> 'expiresAt') end`,
      { at },
    );
    if (found.media_id) await new MediaRemovalRepository(this.scope).discard(found.media_id);
    return message;
  }

  /**
   * Each side, and each participant of a group, has one reaction. The newest wins, of equal times the one that arrives last; an
   * empty emoji removes it.
   */
  async applyReaction(
    key: MessageKey,
    reaction: { from: ChatSide; sender?: NamedContact | undefined; emoji: string; timestampMs: number },
  ): Promise<Change> {
    const found = await lockMessage(this.scope, key);
    if (!found) return "absent";
    const emoji = toStorableText(reaction.emoji);
    const by = actorOf(reaction);
    const before = found.reactions.find((each) => isSameActor(each, by));
    if (found.revoked_at || (before && before.atMs > reaction.timestampMs)) return undefined;
    if (before?.emoji === emoji && before.atMs === reaction.timestampMs) return undefined;
    const others = found.reactions.filter((each) => !isSameActor(each, by));
    const reactions: StoredReaction[] = [...others, { ...by, emoji, atMs: reaction.timestampMs }];
    return this.update(found.id, "reactions = :reactions::jsonb", { reactions: storableJson(newest(reactions)) });
  }

  /**
   * Each side, and each participant of a group, has one vote. The newest wins, of equal times the one that arrives last; no
   * options withdraw it.
   */
  async applyVote(
    key: MessageKey,
    vote: { from: ChatSide; sender?: NamedContact | undefined; options: string[]; timestampMs: number },
  ): Promise<Change> {
    const found = await lockMessage(this.scope, key);
    if (!found) return "absent";
    const poll = found.content?.poll;
    if (!poll) return undefined;
    const by = actorOf(vote);
    const next: StoredVote = { ...by, options: vote.options, at: new Date(vote.timestampMs).toISOString() };
    const votes = (poll.votes ?? []) as StoredVote[];
    const before = votes.find((each) => isSameActor(each, by));
    if (before && (before.at > next.at || isDeepStrictEqual(before, next))) return undefined;
    const others = votes.filter((each) => !isSameActor(each, by));
    return this.update(found.id, "content = jsonb_set(content, '{poll,votes}', :votes::jsonb)", {
      votes: storableJson(newest([...others, next])),
    });
  }

  /** The newest position of a live location wins, whatever the order of arrival. Sharing that has ended does not begin again. */
  async applyLocation(
    key: MessageKey,
    { latitude, longitude, hasEnded, timestampMs }: LocationChange,
  ): Promise<Change> {
    const found = await lockMessage(this.scope, key);
    if (!found) return "absent";
    const location = found.content?.location;
    if (!location?.isLive) return undefined;
    const at = new Date(timestampMs).toISOString();
    const isNewer = (location.updatedAt ?? found.occurred_at.toISOString()) < at;
    const next: Location = {
      ...location,
      ...(isNewer && { latitude, longitude, updatedAt: at }),
      ...(hasEnded && (location.liveUntil ?? at) >= at && { liveUntil: at }),
    };
    if (isDeepStrictEqual(next, location)) return undefined;
    return this.update(found.id, "content = jsonb_set(content, '{location}', :location::jsonb)", {
      location: storableJson(next),
    });
  }

  /**
   * Stores the file of a message that was stored without it, or why the file will not come without a new request. A message that
   * has its file or was deleted does not change, so a file causes one event however often it arrives.
   */
  async applyMedia(key: MessageKey, outcome: MediaOutcome): Promise<Change> {
    const found = await lockMessage(this.scope, key);
    if (!found) return "absent";
    if ("mediaId" in outcome) {
      await this.downloads.remove(key);
      if (!found.missing_media || found.missing_media.state === "expired" || found.revoked_at) return undefined;
      return this.updateMedia(found.id, { mediaId: outcome.mediaId, missing: null });
    }
    const { missing } = outcome;
    if (missing.state === "too_large") await this.downloads.remove(key);
    else await this.downloads.giveUp(key);
    if (found.missing_media?.state !== "pending") return undefined;
    return this.updateMedia(found.id, { mediaId: null, missing: storableMissing(missing) });
  }

  /**
   * Starts the download of a missing file again. `isChanged`: the message now shows that. `absent`: there is no such message.
   * `impossible`: no file is missing, or it is unknown how to get it.
   */
  async retryMedia(id: string): Promise<{ message: Message; isChanged: boolean } | "absent" | "impossible"> {
    const found = await this.scope.row<MessageRow & KeyRow>(
      `select * from messages where company_id = :companyId and id = :id and ${isReached("session_id")} for update`,
      { id },
    );
    if (!found) return "absent";
    const missing = found.missing_media;
    if (!missing || missing.state === "too_large" || missing.state === "expired") return "impossible";
    if (!(await this.downloads.restart(keyOfRow(found)))) return "impossible";
    if (missing.state === "pending") return { message: toMessage(found), isChanged: false };
    const message = await this.updateMedia(found.id, { mediaId: null, missing: { ...missing, state: "pending" } });
    return { message, isChanged: true };
  }

  private updateMedia(id: string, media: { mediaId: string | null; missing: MissingFile | null }): Promise<Message> {
    return this.update(id, "media_id = :mediaId, missing_media = :missing::jsonb", {
      mediaId: media.mediaId,
      missing: media.missing && JSON.stringify(media.missing),
    });
  }

  private async update(
    id: string,
    assignments: string,
    bindings: Record<string, string | Date | null>,
  ): Promise<Message> {
    const row = await this.scope.one<MessageRow>(
      `with changed as (
         update messages set ${assignments}, version = version + 1, updated_at = now()
         where company_id = :companyId and id = :id returning *
       ) ${messagesOf("changed")}`,
      { id, ...bindings },
    );
    return toMessage(row);
  }
}
