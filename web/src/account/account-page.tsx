import { useSuspenseQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { AttemptNotice } from '../sign-in/attempt-notice.tsx';
import { SupportLine } from '../sign-in/support-line.tsx';
import { Avatar } from '../ui/avatar.tsx';
import { Card } from '../ui/card.tsx';
import { Notice } from '../ui/notice.tsx';
import { Page } from '../ui/page.tsx';
import { ApiTokens } from './api-tokens.tsx';
import { ConnectionRow } from './connection-row.tsx';
import { accountQuery } from './queries.ts';
import { ScreenName } from './screen-name.tsx';
import { WaitingConnection } from './waiting-connection.tsx';

/** Who one is here, and how the connections to the providers stand. */
export function AccountPage() {
  const { data: account } = useSuspenseQuery(accountQuery);
  const [done, setDone] = useState<string | null>(null);
  const [first] = account.connections;
  return (
    <Page
      title={account.screenName}
      heading={
        <div className="mx-auto">
          <Avatar name={account.screenName} url={account.avatarUrl} size="large" />
        </div>
      }
    >
      <p className="-mt-5 text-center text-ink-soft">{account.email}</p>
      <AttemptNotice />
      {account.waiting && (
        <WaitingConnection key={account.waiting.id} waiting={account.waiting} onDone={setDone} />
      )}
      {done && (
        <Notice tone="good">
          <p>{done}</p>
        </Notice>
      )}
      <Card className="grid gap-8">
        <ScreenName stored={account.screenName} />
        <section aria-labelledby="repository-settings" className="grid gap-4 border-t border-line pt-8">
          <h2 id="repository-settings" className="text-lead font-semibold">
            Repository settings
          </h2>
          <div className="divide-y divide-line rounded-field border border-line">
            {account.connections.map((connection) => (
              <ConnectionRow key={connection.provider} connection={connection} onDone={setDone} />
            ))}
          </div>
          {first && <SupportLine provider={first.name} authorizedAppsUrl={first.authorizedAppsUrl} />}
        </section>
        <ApiTokens />
      </Card>
    </Page>
  );
}
