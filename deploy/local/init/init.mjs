// Writes `.env` for `docker compose up`: a copy of `.env.example` with fresh secrets. Needs nothing but Node: `npm run syszap -- init`,
// or `node deploy/local/init/init.mjs`. See docs/operations/install-compose.md.
import { readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { makeSecret, vapidKeys } from "./secrets.mjs";

const example = fileURLToPath(new URL("../../../.env.example", import.meta.url));
const defaultOrigin = "http://localhost:8080";
const usage = `syszap init [--origin URL] [--file FILE]
  writes .env with fresh secrets, readable only by you. An existing file is never changed.
  --origin URL  the address that users open, such as https://inbox.example.com (${defaultOrigin})
  --file FILE   another file than .env
syszap init --make NAME
  prints a new secret for one variable, such as TOKEN_SIGNING_KEY or VAPID_PRIVATE_KEY`;

/** Returns the exit code. */
export function init(args, { out, error }) {
  try {
    const { values } = parseArgs({
      args,
      options: {
        origin: { type: "string" },
        file: { type: "string" },
        make: { type: "string" },
        help: { type: "boolean" },
      },
    });
    if (values.help) out(usage);
    else if (values.make !== undefined) out(madeSecret(values.make));
    else out(writeEnvironment(values.file ?? join(dirname(example), ".env"), originOf(values.origin ?? defaultOrigin)));
    return 0;
  } catch (failure) {
    error(failure.message);
    return failure instanceof Refusal ? 1 : 2;
  }
}

class Refusal extends Error {}

function madeSecret(name) {
  if (name.startsWith("VAPID_")) {
    const { publicKey, privateKey } = vapidKeys();
    return `VAPID_PUBLIC_KEY=${publicKey}\nVAPID_PRIVATE_KEY=${privateKey}`;
  }
  const secret = makeSecret(name);
  if (secret === undefined) throw new Error(`${name} is not a secret.\n${usage}`);
  return secret;
}

function originOf(text) {
  if (/^https?:/.test(text) && URL.canParse(text) && new URL(text).origin === text) return text;
  throw new Error(`--origin must be an address without a path, such as https://inbox.example.com\n${usage}`);
}

function writeEnvironment(file, origin) {
  const text = fill(readFileSync(example, "utf8"), origin);
  try {
    writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  } catch (failure) {
    if (failure.code !== "EEXIST") throw failure;
    throw new Refusal(
      `${file} exists already and was not changed. To start again, move it away: without its secrets, stored data cannot be read.`,
    );
  }
  return `${file} was written, with fresh secrets. Keep a copy of it in a safe place: backups are useless without its keys.

Next:
  docker compose up --build -d
  docker compose exec rest-api node dist/cli/syszap.js status
  docker compose exec rest-api node dist/cli/syszap.js operator create --email YOU@EXAMPLE.COM --name "YOUR NAME"
  docker compose exec rest-api node dist/cli/syszap.js company create --name "COMPANY" --owner-email YOU@EXAMPLE.COM --owner-name "YOUR NAME"

The last command prints a link, with which the owner chooses a password. Users open ${origin}`;
}

/** Fills the empty variables of the example. Browsers accept push notices on HTTPS only. */
function fill(text, origin) {
  const { publicKey, privateKey } = vapidKeys();
  const isPublic = origin.startsWith("https:");
  const given = {
    PUBLIC_ORIGIN: origin,
    VAPID_PUBLIC_KEY: isPublic ? publicKey : undefined,
    VAPID_PRIVATE_KEY: isPublic ? privateKey : undefined,
  };
  return text.replace(/^([A-Z0-9_]+)=$/gm, (line, name) => {
    const value = given[name] ?? makeSecret(name);
    return value === undefined ? line : `${name}=${value.includes('"') ? `'${value}'` : value}`;
  });
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const write = (stream) => (text) => stream.write(`${text}\n`);
  process.exitCode = init(process.argv.slice(2), { out: write(process.stdout), error: write(process.stderr) });
}
