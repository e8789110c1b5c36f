import type { RepositoryView, SummaryView } from 'bff';
import { paths } from '../paths.ts';
import { CrossIcon } from '../ui/icons.tsx';
import { InnerLink } from '../ui/links.tsx';
import { whatFirst } from './causes.ts';
import { about } from './row.tsx';
import { titleOf } from './titles.ts';

/** The root cause in one sentence, what to do first, and who can. */
export function Summary({ view, summary }: { view: RepositoryView; summary: SummaryView }) {
  const { mend, you, cause, facts } = summary;
  const { organization, project } = view;
  return (
    <section
      aria-label="What is wrong"
      className="flex gap-3 rounded-field border border-s-4 border-bad bg-bad-soft px-4 py-3"
    >
      <span className="mt-0.5 shrink-0 text-bad">
        <CrossIcon />
      </span>
      <p role="status">
        <strong className="font-semibold">{titleOf(cause, about(view, facts))}</strong> {whatFirst(summary)}
        {you && mend === 'grant-access' && (
          <>
            {' '}
            <InnerLink to={paths.account}>Your account page</InnerLink>
          </>
        )}
        {you && mend === 'change-path' && (
          <>
            {' '}
            <InnerLink to={paths.general(organization.slug, project.name)}>Set the path</InnerLink>
          </>
        )}
      </p>
    </section>
  );
}
