import { ShieldCheck, Users, Zap } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { LanguageSwitch } from "../shell/language-switch.tsx";
import { Logo } from "../shell/logo.tsx";

interface AccessFrameProps {
  title: string;
  text: string;
  children?: ReactNode;
}

/** The frame of the pages for people who are not signed in: sign in, accept an invitation, reset a password. */
export function AccessFrame({ title, text, children }: AccessFrameProps) {
  const { t } = useTranslation();
  return (
    <div className="grid h-dvh overflow-y-auto lg:grid-cols-[1.1fr_1fr]">
      <Pitch />
      <main className="flex flex-col bg-surface p-5 sm:p-8">
        <div className="flex items-center justify-between lg:justify-end">
          <span className="flex items-center gap-2.5 font-bold text-lg lg:hidden">
            <Logo className="size-9" /> {t("common:appName")}
          </span>
          <LanguageSwitch />
        </div>
        <div className="m-auto w-full max-w-sm py-8">
          <h1 className="text-balance font-bold text-3xl tracking-tight">{title}</h1>
          <p className="mt-1 mb-7 text-muted">{text}</p>
          {children}
        </div>
      </main>
    </div>
  );
}

function Pitch() {
  const { t } = useTranslation();
  const points = [
    { icon: <Zap />, text: t("login:pitch.live") },
    { icon: <Users />, text: t("login:pitch.team") },
    { icon: <ShieldCheck />, text: t("login:pitch.safe") },
  ];
  return (
    <aside className="hidden flex-col justify-between bg-[linear-gradient(150deg,#0a5f49,#08402f_65%,#06281f)] p-12 text-white lg:flex">
      <p className="flex items-center gap-3 font-bold text-2xl tracking-tight">
        <Logo className="size-11 rounded-2xl ring-1 ring-white/25" /> {t("common:appName")}
      </p>
      <div className="max-w-lg">
        <p className="text-balance font-semibold text-4xl leading-tight tracking-tight">{t("login:tagline")}</p>
        <ul className="mt-10 grid gap-5">
          {points.map(({ icon, text }) => (
            <li key={text} className="flex items-center gap-4 text-lg text-white/90">
              <span
                aria-hidden="true"
                className="grid size-11 shrink-0 place-items-center rounded-xl bg-white/12 [&>svg]:size-5"
              >
                {icon}
              </span>
              {text}
            </li>
          ))}
        </ul>
      </div>
      <span aria-hidden="true" />
    </aside>
  );
}
