import { useState } from 'react';

/** A person's picture, or their initials when there is none or it does not load. Always beside the name, so it is silent. */
export function Avatar({ name, url, size }: { name: string; url: string | null; size: 'small' | 'large' }) {
  const [failed, setFailed] = useState<string | null>(null);
  const box = size === 'small' ? 'size-8 text-small' : 'size-22 text-title';
  if (url === null || failed === url) {
    return (
      <span
        aria-hidden="true"
        className={`grid shrink-0 place-items-center rounded-full bg-note-soft font-semibold text-note ${box}`}
      >
        {initials(name)}
      </span>
    );
  }
  return (
    <img
      src={url}
      alt=""
      referrerPolicy="no-referrer"
      onError={() => setFailed(url)}
      className={`shrink-0 rounded-full border border-line bg-sunken object-cover ${box}`}
    />
  );
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => (word ? ([...word][0] ?? '') : ''))
    .join('')
    .toUpperCase();
}
