import { type Migration, migrations } from "@syszap/database";
import { expect, test } from "vitest";
import { initialSchema } from "../../src/checks/migrations/initial-schema.ts";
import { lintMigrations } from "../../src/checks/migrations/lint-migrations.ts";

const migrationOf = (sql: string, options: Partial<Migration> = {}): Migration => ({
  up: async (knex) => void (await knex.raw(sql)),
  down: async () => undefined,
  ...options,
});

const lint = async (sql: string, options?: Partial<Migration>) =>
  (await lintMigrations({ "900-trial": migrationOf(sql, options) })).map((line) => line.split(": ")[1]);

/** Statements that block running services or break the previous release. */
const refused: [sql: string, rule: string][] = [
  ["create index i on messages (body)", "require-concurrent-index-creation"],
  ["drop index i", "require-concurrent-index-deletion"],
  ["reindex table messages", "require-concurrent-reindex"],
  ["alter table messages alter column body set not null", "adding-not-nullable-field"],
  ["alter table messages add column n bigint not null", "adding-required-field"],
  ["alter table messages add column n uuid default gen_random_uuid()", "adding-field-with-default"],
  ["alter table messages add column n text generated always as (lower(body)) stored", "adding-field-with-default"],
  ["alter table messages alter column body type varchar(9)", "changing-column-type"],
  ["alter table messages add constraint c check (body <> '')", "constraint-missing-not-valid"],
  ["alter table messages add foreign key (media_id) references media (id)", "adding-foreign-key-constraint"],
  ["alter table messages add unique (body)", "disallowed-unique-constraint"],
  [
    "alter table messages add constraint c check (a) not valid; alter table messages validate constraint c",
    "validate-alone",
  ],
  ["alter table messages drop column body", "ban-drop-column"],
  ["alter table messages rename column body to text", "renaming-column"],
  ["alter table messages rename to texts", "renaming-table"],
  ["alter table messages drop constraint c", "ban-drop-constraint"],
  ["drop table messages", "ban-drop-table"],
  ["drop function search_chats", "ban-drop-object"],
  ["revoke select on messages from syszap_app", "ban-revoke"],
  ["update messages set body = ''", "whole-table-write"],
  ["delete from messages where body = ''", "whole-table-write"],
  ["insert into messages select * from media", "whole-table-write"],
  ["truncate messages", "locks-table"],
  ["lock table messages", "locks-table"],
  ["vacuum full messages", "locks-table"],
  ["refresh materialized view counts", "locks-table"],
  ["alter table messages disable trigger all", "locks-table"],
  ["do $$ begin update messages set body = ''; end $$", "opaque-block"],
  ["set lock_timeout = 0", "own-timeout"],
];

test.for(refused)("refuses %s", async ([sql, rule]) => {
  expect(await lint(sql)).toContain(rule);
});

const accepted: [sql: string, options?: Partial<Migration>][] = [
  ["alter table messages add column n bigint, add column m bigint not null default 0"],
  ["alter table messages add constraint c check (body <> '') not valid"],
  ["alter table messages validate constraint c"],
  [
    "create table t (id bigint primary key); create index i on t (id); insert into t select n from generate_series(1, 9) n",
  ],
  ["create function f() returns int language sql return 1; revoke all on function f from public"],
  ["create index concurrently i on messages (body)", { isOnline: true }],
  ["drop index concurrently i", { isOnline: true }],
  [
    "update messages set body = '' where id in (select id from messages where body is null limit 1000)",
    { isOnline: true },
  ],
  ["alter table messages drop column body", { isContract: true }],
  ["drop index i", { allows: { "require-concurrent-index-deletion": "the table has a few rows" } }],
];

test.for(accepted)("accepts %s", async ([sql, options]) => {
  expect(await lint(sql, options)).toEqual([]);
});

test("separates statements that need a transaction from those that must not have one", async () => {
  expect(await lint("create index concurrently i on messages (body)")).toEqual(["needs-online"]);
  expect(await lint("alter table messages add column n bigint", { isOnline: true })).toEqual(["short-lock"]);
});

test("refuses an exception that is not needed", async () => {
  expect(await lint("select 1", { allows: { "locks-table": "" } })).toEqual(["locks-table is allowed, but not broken"]);
});

test("accepts the migrations of this release; the exceptions of the initial schema end with 055", async () => {
  expect(await lintMigrations(migrations)).toEqual([]);
  expect(Object.keys(initialSchema).filter((name) => name > "056")).toEqual([]);
});
