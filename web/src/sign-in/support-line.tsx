import { useSession } from '../session.ts';
import { OuterLink } from '../ui/links.tsx';

/** For those whom a provider counts as connected, and who are shut out all the same. */
export function SupportLine({
  provider,
  authorizedAppsUrl,
}: {
  provider: string;
  authorizedAppsUrl: string;
}) {
  const { supportUrl } = useSession();
  return (
    <p className="text-small text-ink-soft">
      Is this app in <OuterLink href={authorizedAppsUrl}>{provider}’s list of authorized apps</OuterLink>, and
      you still cannot get in?{' '}
      {supportUrl ? (
        <OuterLink href={supportUrl}>Contact support</OuterLink>
      ) : (
        'Tell the person who runs this service'
      )}
      .
    </p>
  );
}
