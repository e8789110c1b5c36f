type Project = { name: string; url: string; successors: { screenName: string }[] };

/** What depends on a connection or a person, and who could take it over; said before either goes. */
export function Impact({ on, projects }: { on: 'connection' | 'person'; projects: Project[] }) {
  if (projects.length === 0) return <p>No project depends on this {on}.</p>;
  return (
    <div className="grid gap-2">
      <p>These projects depend on this {on}:</p>
      <ul className="list-disc ps-5">
        {projects.map(({ url, name, successors }) => (
          <li key={url}>
            {name}:{' '}
            {successors.length > 0
              ? `${successors.map(({ screenName }) => screenName).join(', ')} could take over`
              : 'nobody else could take over'}
          </li>
        ))}
      </ul>
    </div>
  );
}
