/** A project's name to begin with: the repository's own, as far as it can be one. */
export function suggestName(fullName: string): string {
  const slug = fullName.split('/').at(-1) ?? '';
  const name = slug
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 80);
  // Taken by the address of this very page.
  return name.toLowerCase() === 'new' ? `${name}-project` : name;
}
