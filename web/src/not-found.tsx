import { paths } from './paths.ts';
import { Card } from './ui/card.tsx';
import { InnerLink } from './ui/links.tsx';
import { Page } from './ui/page.tsx';

/** For addresses that are not ours, and for what a person may not see: both look the same. */
export function NotFoundPage() {
  return (
    <Page title="There is no such page">
      <Card>
        <p>
          Either the address is wrong, or it belongs to an organization that you are not a member of. Go to{' '}
          <InnerLink to={paths.account}>your account</InnerLink>, or ask the person who gave you the address.
        </p>
      </Card>
    </Page>
  );
}
