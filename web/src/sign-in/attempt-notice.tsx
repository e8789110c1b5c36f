/** What the last walk to a provider came to, at the top of the page it started from. */
import type { ReactNode } from 'react';
import { explain } from '../problems.ts';
import { Notice } from '../ui/notice.tsx';
import { SupportLine } from './support-line.tsx';
import { useAttempt } from './use-attempt.ts';
import { explainSignIn } from './words.ts';

/** Renders nothing when there is nothing to say. `children` are ways on that this page offers. */
export function AttemptNotice({ children }: { children?: ReactNode }) {
  const { attempt, unknown, failure } = useAttempt();
  if (unknown) {
    return (
      <Notice tone="bad">
        <p className="font-semibold">You came back without an answer that this browser can use.</p>
        <p>
          If you did not grant access, that is all. Otherwise the answer may be too old, or belong to another
          browser. Nothing was changed. Start again.
        </p>
      </Notice>
    );
  }
  if (failure) {
    return (
      <Notice tone="bad">
        <p className="font-semibold">What the last attempt came to could not be found out.</p>
        <p>{explain(failure)}</p>
      </Notice>
    );
  }
  if (!attempt?.problem) return null;
  const { problem, providerName, authorizedAppsUrl } = attempt;
  const { what, next } = explainSignIn(problem, providerName);
  return (
    <Notice tone="bad">
      <p className="font-semibold">{what}</p>
      <p>{next}</p>
      {children}
      <SupportLine provider={providerName} authorizedAppsUrl={authorizedAppsUrl} />
    </Notice>
  );
}
