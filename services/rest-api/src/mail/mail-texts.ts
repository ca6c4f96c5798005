import type { Language } from "@syszap/contracts";
import type { AccountLinkKind } from "@syszap/database";

interface MailData {
  name: string;
  companyName: string;
  url: string;
}
interface Texts {
  subject: string;
  greeting: string;
  lines: string[];
  button: string;
  /** After the link. */
  notes: string[];
}

const texts: Record<Language, Record<AccountLinkKind, (data: MailData) => Texts>> = {
  "pt-BR": {
    invitation: ({ name, companyName }) => ({
      subject: `Convite para o atendimento de ${companyName}`,
      greeting: `Olá, ${name}!`,
      lines: [`Você foi convidado(a) para atender os clientes de ${companyName} no sysZap.`],
      button: "Criar minha senha",
      notes: [
        "O link vale por sete dias e só pode ser usado uma vez.",
        "Se você não esperava este convite, ignore esta mensagem.",
      ],
    }),
    password_reset: ({ name, companyName }) => ({
      subject: "Redefinir sua senha do sysZap",
      greeting: `Olá, ${name}!`,
      lines: [`Recebemos um pedido para redefinir a senha da sua conta de ${companyName} no sysZap.`],
      button: "Escolher uma nova senha",
      notes: [
        "O link vale por uma hora e só pode ser usado uma vez.",
        "Se você não pediu isso, ignore esta mensagem: sua senha continua a mesma.",
      ],
    }),
  },
  en: {
    invitation: ({ name, companyName }) => ({
      subject: `Invitation to the inbox of ${companyName}`,
      greeting: `Hello ${name},`,
      lines: [`You are invited to answer the customers of ${companyName} in sysZap.`],
      button: "Set my password",
      notes: [
        "The link is valid for seven days and works once.",
        "If you did not expect this invitation, ignore this e-mail.",
      ],
    }),
    password_reset: ({ name, companyName }) => ({
      subject: "Reset your sysZap password",
      greeting: `Hello ${name},`,
      lines: [`We received a request to reset the password of your account of ${companyName} in sysZap.`],
      button: "Choose a new password",
      notes: [
        "The link is valid for one hour and works once.",
        "If you did not request this, ignore this e-mail: your password stays the same.",
      ],
    }),
  },
};

/** Subject, text and HTML of an e-mail with a link. Names are written by people, so they are escaped and kept on one line. */
export function mailTexts(kind: AccountLinkKind, language: Language, data: MailData) {
  const { name, companyName } = data;
  const safe = { ...data, name: oneLine(name), companyName: oneLine(companyName) };
  const { subject, greeting, lines, button, notes } = texts[language][kind](safe);
  const text = [greeting, ...lines, `${button}:\n${safe.url}`, ...notes].join("\n\n");
  const paragraphs = (items: string[]) => items.map((item) => `<p>${escapeHtml(item)}</p>`).join("\n");
  const html = `<!doctype html>
<html lang="${language}"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>
<body style="font-family: sans-serif; line-height: 1.5; color: #1f2933; max-width: 32rem; margin: 2rem auto; padding: 0 1rem">
${paragraphs([greeting, ...lines])}
<p><a href="${escapeHtml(safe.url)}" style="display: inline-block; padding: 0.6rem 1.2rem; border-radius: 0.4rem; background: #0b6b4f; color: #ffffff; text-decoration: none">${escapeHtml(button)}</a></p>
<p style="word-break: break-all; font-size: 0.85rem">${escapeHtml(safe.url)}</p>
${paragraphs(notes)}
</body></html>
`;
  return { subject, text: `${text}\n`, html };
}

/** Line breaks would add headers to an e-mail, or lines to its text. */
const oneLine = (text: string) => text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ");

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };
const escapeHtml = (text: string) => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
