import { useQuery } from '@tanstack/react-query';
import type { ApiTokenView } from 'bff';
import { useId, useState } from 'react';
import { paths } from '../paths.ts';
import { explain } from '../problems.ts';
import { useSession } from '../session.ts';
import { Button } from '../ui/button.tsx';
import { Code } from '../ui/code.tsx';
import { CopyField } from '../ui/copy-field.tsx';
import { Field } from '../ui/field.tsx';
import { InnerLink } from '../ui/links.tsx';
import { Moment } from '../ui/moment.tsx';
import { Notice } from '../ui/notice.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { RevokeTokenDialog } from './revoke-token-dialog.tsx';
import { apiTokensQuery, type NewToken, useCreateToken } from './token-queries.ts';

/** What the command line and scripts act with. A new token is shown here until the page is left, and never again. */
export function ApiTokens() {
  const { data, error } = useQuery(apiTokensQuery);
  const [made, setMade] = useState<NewToken | null>(null);
  const [done, setDone] = useState<string | null>(null);
  return (
    <section aria-labelledby="api-tokens" className="grid gap-4 border-t border-line pt-8">
      <h2 id="api-tokens" className="text-lead font-semibold">
        API tokens
      </h2>
      <p className="text-ink-soft">
        With a token, <Code>sem</Code> and scripts act as you in all your organizations until you revoke it.
      </p>
      {done && (
        <Notice key={done} tone="good">
          <p>{done}</p>
        </Notice>
      )}
      {error && (
        <Notice tone="bad">
          <p>{explain(error)}</p>
        </Notice>
      )}
      {!data && !error && <Skeleton className="h-24" />}
      {data && (
        <>
          {data.tokens.length === 0 ? (
            <p>You have no token yet.</p>
          ) : (
            <ul
              aria-labelledby="api-tokens"
              className="divide-y divide-line rounded-field border border-line"
            >
              {data.tokens.map((token) => (
                <Token
                  key={token.id}
                  token={token}
                  onRevoked={() => {
                    setDone(`“${token.name}” is revoked.`);
                    if (made?.id === token.id) setMade(null);
                  }}
                />
              ))}
            </ul>
          )}
          <CreateToken
            onMade={(token) => {
              setDone(null);
              setMade(token);
            }}
          />
          {made && <ShownOnce key={made.id} text={made.text} />}
          <Connect host={data.host} https={data.https} token={made?.text ?? 'TOKEN'} />
        </>
      )}
    </section>
  );
}

function Token({ token, onRevoked }: { token: ApiTokenView; onRevoked: () => void }) {
  const { name, createdAt, lastUsedAt } = token;
  const [asking, setAsking] = useState(false);
  const nameId = useId();
  return (
    <li aria-labelledby={nameId} className="flex flex-wrap items-center gap-x-4 gap-y-2 p-4">
      <div className="min-w-0 grow basis-60">
        <p id={nameId} className="font-semibold wrap-anywhere">
          {name}
        </p>
        <p className="text-small text-ink-soft">
          Created <Moment at={createdAt} form="day" /> ·{' '}
          {lastUsedAt ? (
            <>
              last used <Moment at={lastUsedAt} />
            </>
          ) : (
            'never used'
          )}
        </p>
      </div>
      <Button look="danger" aria-describedby={nameId} onClick={() => setAsking(true)}>
        Revoke
      </Button>
      {asking && (
        <RevokeTokenDialog
          token={token}
          onClose={() => setAsking(false)}
          onRevoked={() => {
            setAsking(false);
            onRevoked();
          }}
        />
      )}
    </li>
  );
}

function CreateToken({ onMade }: { onMade: (made: NewToken) => void }) {
  const [name, setName] = useState('');
  const create = useCreateToken((made) => {
    setName('');
    onMade(made);
  });
  return (
    <form
      className="grid gap-4"
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate(name);
      }}
    >
      <Field
        label="Token name"
        value={name}
        hint="What will use it, so that you know later which one to revoke."
        onChange={(event) => {
          setName(event.target.value);
          create.reset();
        }}
        error={create.isError ? explain(create.error) : undefined}
      />
      <div>
        <Button type="submit" busy={create.isPending}>
          Create token
        </Button>
      </div>
    </form>
  );
}

function ShownOnce({ text }: { text: string }) {
  return (
    <div className="grid gap-3 rounded-field border border-line bg-sunken p-4">
      <p role="status">The token is ready. Keep it like a password: it is shown only now.</p>
      <CopyField label="New token" value={text} thing="token" />
    </div>
  );
}

/** The line that connects `sem`, for each organization. */
function Connect({ host, https, token }: { host: string; https: boolean; token: string }) {
  const { organizations } = useSession();
  return (
    <div className="grid gap-4">
      <h3 className="font-semibold">
        Connect <Code>sem</Code>
      </h3>
      {!https && (
        <p>
          <Code>sem</Code> speaks only https, and this service answers at http://{host}. The README tells how
          to give it a certificate.
        </p>
      )}
      {organizations.length === 0 && (
        <p className="text-ink-soft">
          You belong to no organization yet. <InnerLink to={paths.newOrganization}>Create one</InnerLink>, and
          the command to connect to it stands here.
        </p>
      )}
      {organizations.map(({ slug, name }) => (
        <CopyField
          key={slug}
          label={`To ${name}`}
          value={`sem connect ${host}/organizations/${slug} ${token}`}
          thing={`command for ${name}`}
        />
      ))}
    </div>
  );
}
