import type { ProjectView, TroubleView } from 'bff';
import { paths } from '../paths.ts';
import { titleOf } from '../repository/titles.ts';
import { CrossIcon } from '../ui/icons.tsx';
import { InnerLink } from '../ui/links.tsx';

/** What is wrong with the repository, where one looks for what did not start; what to do stands on the other tab. */
export function Trouble({ about, trouble }: { about: ProjectView; trouble: TroubleView }) {
  const { organization, project } = about;
  const { cause, subject, facts, owner, you } = trouble;
  const words = titleOf(cause, {
    facts,
    owner,
    you,
    repository: project.repository,
    path: facts.path ?? project.pipelineFile,
  });
  const tab =
    subject === 'repository'
      ? paths.repository(organization.slug, project.name)
      : paths.finding(organization.slug, project.name, subject);
  return (
    <section
      aria-label="What is wrong"
      className="flex gap-3 rounded-field border border-s-4 border-bad bg-bad-soft px-4 py-3"
    >
      <CrossIcon className="mt-0.5 text-bad" />
      <p role="status">
        <strong className="font-semibold">{words}</strong>{' '}
        {isDeaf(trouble) && 'Pushes may not be announced until that is mended. '}
        <InnerLink to={tab}>See what to do</InnerLink>
      </p>
    </section>
  );
}

/** Whether announcements may not reach us. A webhook that cannot be looked at may well work. */
export const isDeaf = ({ subject, cause }: TroubleView) =>
  subject === 'webhook' && cause !== 'webhook-not-allowed';
