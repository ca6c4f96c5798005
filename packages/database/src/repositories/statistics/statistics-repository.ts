import { direction, messageType, type SessionDetail, type Statistics, sessionStatusOf } from "@syszap/contracts";
import { isReached, type Scope } from "../../sql/query.ts";
import { isoOf } from "../../sql/timestamps.ts";
import { waitingChats } from "./waiting-chats.ts";

interface Day {
  time_zone: string;
  day: string;
  starts_at: Date;
  ends_at: Date;
}
interface Counted {
  received: number;
  sent: number;
}
type StoredStatistics = Omit<Statistics, "live">;

/** Statistics of the company, or of what the person sees, counted in the stored messages. */
export class StatisticsRepository {
  constructor(private readonly scope: Scope) {}

  /** `days`: length of the history, with today. The cost grows with the messages of these days. */
  async read(days: number): Promise<StoredStatistics> {
    const period = await this.days(days);
    const today = period.at(-1);
    if (!today) throw new RangeError("the history has at least one day");
    return {
      timeZone: today.time_zone,
      readAt: new Date().toISOString(),
      today: {
        startsAt: today.starts_at.toISOString(),
        endsAt: today.ends_at.toISOString(),
        ...(await this.perMinute(today)),
      },
      perDay: await this.perDay(period),
      waiting: await this.waiting(),
      firstAnswer: await this.firstAnswer(today),
      sessions: await this.sessions(),
      sending: await this.sending(),
    };
  }

  /** The last days in the company's time zone, oldest first. */
  private days(days: number): Promise<Day[]> {
    return this.scope.rows<Day>(
      `select c.time_zone, d.day::text, d.day::timestamp at time zone c.time_zone as starts_at,
         (d.day + 1)::timestamp at time zone c.time_zone as ends_at
       from companies c, generate_series(:days::int - 1, 0, -1) ago,
         lateral (select (now() at time zone c.time_zone)::date - ago as day) d
       where c.id = :companyId order by d.day`,
      { days },
    );
  }

  private async perDay(days: readonly Day[]): Promise<StoredStatistics["perDay"]> {
    const rows = await this.scope.rows<Counted>(
      `select coalesce(sum(n.received), 0)::int as received, coalesce(sum(n.sent), 0)::int as sent
       from unnest(:starts::timestamptz[], :ends::timestamptz[]) with ordinality d (starts_at, ends_at, number)
         left join (${reachedSessions}) s on true left join lateral (
           select count(*) filter (where m.direction = ${direction.in}) as received,
             count(*) filter (where m.direction = ${direction.out}) as sent
           from messages m where ${isCountedOf("s.id")} and m.occurred_at >= d.starts_at and m.occurred_at < d.ends_at
         ) n on true
       group by d.number order by d.number`,
      { starts: days.map((day) => day.starts_at), ends: days.map((day) => day.ends_at) },
    );
    return days.map(({ day, starts_at }, index) => ({
      day,
      startsAt: starts_at.toISOString(),
      ...(rows[index] ?? { received: 0, sent: 0 }),
    }));
  }

  private async perMinute(day: Day): Promise<Record<keyof Counted, number[]>> {
    const rows = await this.scope.rows<Counted & { minute: number }>(
      `select floor(extract(epoch from m.occurred_at - :start::timestamptz) / 60)::int as minute,
         (count(*) filter (where m.direction = ${direction.in}))::int as received,
         (count(*) filter (where m.direction = ${direction.out}))::int as sent
       from (${reachedSessions}) s cross join lateral (
         select m.direction, m.occurred_at from messages m
         where ${isCountedOf("s.id")} and m.occurred_at >= :start::timestamptz and m.occurred_at < :end::timestamptz
       ) m group by 1 order by 1`,
      { start: day.starts_at, end: day.ends_at },
    );
    const length = (rows.at(-1)?.minute ?? -1) + 1;
    const minutes = { received: new Array<number>(length).fill(0), sent: new Array<number>(length).fill(0) };
    for (const { minute, received, sent } of rows) {
      minutes.received[minute] = received;
      minutes.sent[minute] = sent;
    }
    return minutes;
  }

  private async waiting(): Promise<StoredStatistics["waiting"]> {
    const { chats, since } = await this.scope.one<{ chats: number; since: Date | null }>(waitingChats);
    return { chats, since: isoOf(since) };
  }

  /**
   * Times from a client's first message after an answer to the next answer. In the messages of a chat that follow one of the other
   * direction, each answer comes directly after the message that it ends the wait of.
   */
  private async firstAnswer(today: Day): Promise<StoredStatistics["firstAnswer"]> {
    const { answers, median, p90 } = await this.scope.one<{ answers: number; median: number; p90: number }>(
      `with messages_of_chats as (
         select m.chat_id, m.direction, m.occurred_at,
           lag(m.direction) over (partition by m.chat_id order by m.occurred_at, m.direction) as before
         from (${reachedSessions}) s cross join lateral (
           select m.chat_id, m.direction, m.occurred_at from messages m
           where ${isCountedOf("s.id")} and m.occurred_at >= :start::timestamptz - interval '1 day'
             and m.occurred_at < :end::timestamptz
         ) m
       ), turns as (
         select chat_id, direction, occurred_at,
           lead(occurred_at) over (partition by chat_id order by occurred_at, direction) as answered_at
         from messages_of_chats where before is distinct from direction
       ), waits as (
         select extract(epoch from t.answered_at - t.occurred_at)::float8 * 1000 as ms
         from turns t join chats ch on ch.company_id = :companyId and ch.id = t.chat_id and ch.client_id is not null
         where t.direction = ${direction.in} and t.answered_at >= :start::timestamptz
       )
       select count(*)::int as answers, percentile_cont(0.5) within group (order by ms) as median,
         percentile_cont(0.9) within group (order by ms) as p90 from waits`,
      { start: today.starts_at, end: today.ends_at },
    );
    return answers === 0 ? null : { answers, medianMs: Math.round(median), p90Ms: Math.round(p90) };
  }

  /** All sessions: every user sees the list of sessions. */
  private async sessions(): Promise<StoredStatistics["sessions"]> {
    const rows = await this.scope.rows<{ detail: SessionDetail; count: number }>(
      `select detail, count(*)::int as count from whatsapp_sessions
       where company_id = :companyId and removed_at is null group by detail`,
    );
    const counts = { connected: 0, disconnected: 0, qr: 0, connecting: 0 };
    for (const { detail, count } of rows) counts[sessionStatusOf(detail)] += count;
    return counts;
  }

  private async sending(): Promise<StoredStatistics["sending"]> {
    const { waiting, since } = await this.scope.one<{ waiting: number; since: Date | null }>(
      `select count(*)::int as waiting, min(m.occurred_at) as since from messages m
       where m.company_id = :companyId and m.status = 'queued' and ${isReached("m.session_id")}`,
    );
    return { waiting, since: isoOf(since) };
  }
}

/** Also removed sessions, which keep their chats. */
const reachedSessions = `select s.id from whatsapp_sessions s where s.company_id = :companyId and ${isReached("s.id")}`;

/** The index `messages_by_time` has every column of this condition. */
const isCountedOf = (session: string): string =>
  `m.company_id = :companyId and m.session_id = ${session} and m.change is null and m.type <> ${messageType.system}`;
