import type { Session, SessionProxy, SessionProxyTest } from "@syszap/contracts";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "sonner";
import { describeError } from "../../i18n/errors.ts";
import { queryKeys } from "../../live/query-client.ts";
import { api } from "../../page/api.ts";
import { Button } from "../ui/button.tsx";
import { FormDialog } from "../ui/form-dialog.tsx";
import { QueryData } from "../ui/states.tsx";
import { fieldStyle, TextField } from "../ui/text-field.tsx";

type Scheme = "http" | "socks5";

/** Sets, tests and removes the proxy of a session. The credentials are entered again at each change. */
export function ProxyDialog({ session, onClose }: { session: Session; onClose: () => void }) {
  const { t } = useTranslation();
  const cache = useQueryClient();
  const params = { id: session.id };
  const queryKey = queryKeys.sessionProxy(session.id);
  const query = useQuery({ queryKey, queryFn: () => api.call("getSessionProxy", { params }) });
  const [typed, setTyped] = useState<Partial<Typed>>({});
  const values: Typed = { ...initial(query.data), ...typed };
  const type = (change: Partial<Typed>) => setTyped({ ...typed, ...change });
  const save = useMutation({
    mutationFn: () => api.call("setSessionProxy", { params, body: requestOf(values) }),
    onSuccess: (saved) => {
      cache.setQueryData<SessionProxy>(queryKey, saved);
      setTyped({});
      test.reset();
      toast.success(t("linking:proxy.saved"));
    },
  });
  const remove = useMutation({
    mutationFn: () => api.call("removeSessionProxy", { params }),
    onSuccess: () => {
      toast.success(t("linking:proxy.removed"));
      onClose();
      return cache.invalidateQueries({ queryKey });
    },
    onError: (error) => toast.error(describeError(error, t)),
  });
  const test = useMutation({
    mutationFn: () => api.call("testSessionProxy", { params }),
    onError: (error) => toast.error(describeError(error, t)),
  });
  const isComplete = query.data !== undefined && values.host.trim() !== "" && Number(values.port) > 0;
  return (
    <FormDialog
      title={t("linking:proxy.title", { name: session.name })}
      testId="proxy-dialog"
      submit={{ label: t("linking:proxy.save"), testId: "proxy-save", isDisabled: !isComplete || save.isPending }}
      error={save.error}
      onSubmit={() => save.mutate()}
      onClose={onClose}
    >
      <p className="text-muted text-sm">{t("linking:proxy.text")}</p>
      <QueryData query={query}>
        {({ proxy }) => (
          <>
            <Current proxy={proxy} />
            {proxy && (
              <div className="flex flex-wrap gap-2">
                <Button data-testid="proxy-test" disabled={test.isPending} onClick={() => test.mutate()}>
                  {t("linking:proxy.test")}
                </Button>
                <Button data-testid="proxy-remove" disabled={remove.isPending} onClick={() => remove.mutate()}>
                  {t("linking:proxy.remove")}
                </Button>
              </div>
            )}
            {test.data && <TestResult result={test.data} />}
            <ProxyFields values={values} onType={type} />
          </>
        )}
      </QueryData>
    </FormDialog>
  );
}

interface Typed {
  scheme: Scheme;
  host: string;
  port: string;
  username: string;
  password: string;
}

const initial = (current: SessionProxy | undefined): Typed => ({
  scheme: current?.proxy?.scheme ?? "http",
  host: current?.proxy?.host ?? "",
  port: current?.proxy ? String(current.proxy.port) : "",
  username: "",
  password: "",
});

const requestOf = ({ scheme, host, port, username, password }: Typed) => ({
  scheme,
  host: host.trim(),
  port: Number(port),
  credentials: username === "" ? null : { username, password },
});

function Current({ proxy }: Pick<SessionProxy, "proxy">) {
  const { t } = useTranslation();
  if (!proxy) return <p className="text-sm">{t("linking:proxy.none")}</p>;
  const address = t("linking:proxy.current", { ...proxy, scheme: proxy.scheme.toUpperCase() });
  return (
    <p data-testid="proxy-current" className="text-sm">
      {proxy.hasCredentials ? `${address} ${t("linking:proxy.withCredentials")}` : address}
    </p>
  );
}

function TestResult({ result: { failure, durationMs } }: { result: SessionProxyTest }) {
  const { t } = useTranslation();
  return (
    <p role="status" data-testid="proxy-result" className={`text-sm ${failure ? "text-danger" : "text-accent"}`}>
      {failure ? t(`linking:proxy.failure.${failure}`) : t("linking:proxy.works", { ms: durationMs })}
    </p>
  );
}

function ProxyFields({ values, onType }: { values: Typed; onType: (change: Partial<Typed>) => void }) {
  const { t } = useTranslation();
  return (
    <>
      <label className="grid gap-1.5">
        <span className="font-medium text-sm">{t("linking:proxy.scheme")}</span>
        <select
          data-testid="proxy-scheme"
          value={values.scheme}
          onChange={(event) => onType({ scheme: event.target.value === "socks5" ? "socks5" : "http" })}
          className={fieldStyle}
        >
          <option value="http">HTTP</option>
          <option value="socks5">SOCKS5</option>
        </select>
      </label>
      <div className="grid gap-3 sm:grid-cols-[1fr_7rem]">
        <TextField
          label={t("linking:proxy.host")}
          testId="proxy-host"
          onText={(host) => onType({ host })}
          maxLength={253}
          value={values.host}
          placeholder="proxy.example.com"
        />
        <TextField
          label={t("linking:proxy.port")}
          testId="proxy-port"
          onText={(port) => onType({ port: port.replaceAll(/\D/g, "") })}
          inputMode="numeric"
          maxLength={5}
          value={values.port}
        />
      </div>
      <TextField
        label={t("linking:proxy.username")}
        testId="proxy-username"
        onText={(username) => onType({ username })}
        autoComplete="off"
        maxLength={255}
        value={values.username}
      />
      <TextField
        label={t("linking:proxy.password")}
        testId="proxy-password"
        hint={t("linking:proxy.credentialsHint")}
        onText={(password) => onType({ password })}
        type="password"
        autoComplete="new-password"
        maxLength={255}
        value={values.password}
      />
    </>
  );
}
