import { Eye, EyeOff, ShieldCheck, Users, Zap } from "lucide-react";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../components/basics/button.tsx";
import { LanguageSwitch } from "../components/shell/language-switch.tsx";
import { Logo } from "../components/shell/logo.tsx";
import { describeError } from "../i18n/errors.ts";
import { auth } from "../websocket-service.ts";

const fieldLook = "w-full rounded-lg border border-line bg-canvas px-3.5 py-3 outline-none focus:border-accent";

export function LoginPage({ wasExpired }: { wasExpired: boolean }) {
  const { t } = useTranslation();
  return (
    <div className="grid min-h-dvh overflow-y-auto lg:grid-cols-[1.1fr_1fr]">
      <Pitch />
      <main className="flex flex-col bg-surface p-5 sm:p-8">
        <div className="flex items-center justify-between lg:justify-end">
          <span className="flex items-center gap-2.5 font-bold text-lg lg:hidden">
            <Logo className="size-9" /> {t("common:appName")}
          </span>
          <LanguageSwitch />
        </div>
        <div className="m-auto w-full max-w-sm py-8">
          <h1 className="font-bold text-3xl tracking-tight">{t("login:title")}</h1>
          <p className="mt-1 mb-7 text-muted">{t(wasExpired ? "login:expired" : "login:subtitle")}</p>
          <LoginForm logIn={(email, password) => auth.logIn(email, password)} />
        </div>
      </main>
    </div>
  );
}

/** `logIn` rejects with what is wrong. */
export function LoginForm({ logIn }: { logIn: (email: string, password: string) => Promise<void> }) {
  const { t } = useTranslation();
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [isShown, setShown] = useState(false);
  const [error, setError] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      await logIn(email.trim(), password);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  const EyeIcon = isShown ? EyeOff : Eye;
  return (
    <form onSubmit={(event) => void submit(event)} className="grid gap-4">
      <label className="grid gap-1.5">
        <span className="font-medium text-sm">{t("login:email")}</span>
        <input
          data-testid="login-email"
          type="email"
          name="email"
          autoComplete="username"
          required
          value={email}
          onChange={(event) => setEmail(event.target.value)}
          className={fieldLook}
        />
      </label>
      <div className="grid gap-1.5">
        <label htmlFor="password" className="font-medium text-sm">
          {t("login:password")}
        </label>
        <div className="relative">
          <input
            id="password"
            data-testid="login-password"
            type={isShown ? "text" : "password"}
            name="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            className={`${fieldLook} pr-12`}
          />
          <button
            type="button"
            aria-label={t(isShown ? "login:hidePassword" : "login:showPassword")}
            onClick={() => setShown(!isShown)}
            className="absolute inset-y-0 right-0 grid w-12 place-items-center rounded-lg text-muted hover:text-ink"
          >
            <EyeIcon className="size-5" />
          </button>
        </div>
      </div>
      {error !== undefined && (
        <p
          role="alert"
          data-testid="login-error"
          className="rounded-lg bg-danger-soft px-3.5 py-2.5 text-danger text-sm"
        >
          {describeError(error, t)}
        </p>
      )}
      <Button
        type="submit"
        look="primary"
        data-testid="login-submit"
        disabled={isBusy}
        className="mt-2 min-h-12 text-base"
      >
        {t(isBusy ? "login:submitting" : "login:submit")}
      </Button>
    </form>
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
