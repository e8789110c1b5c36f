/** Where to go after a log-in: one of our own pages, or nowhere. */
import { isPage } from './pages.ts';

/**
 * The path and query of a page of ours, or null. A list of what is allowed, not of what is dangerous: the address is
 * read as a browser would read it, and has to be one of the product's pages afterwards.
 */
export function safeReturnTo(value: unknown, publicUrl: string): string | null {
  if (typeof value !== 'string' || value.length > 1_000 || !/^\/(?![/\\])[\x21-\x7e]*$/.test(value))
    return null;
  if (!URL.canParse(value, publicUrl)) return null;
  const url = new URL(value, publicUrl);
  if (url.origin !== publicUrl || !isPage(url.pathname)) return null;
  return url.pathname + url.search;
}
