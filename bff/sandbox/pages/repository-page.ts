import type { Context } from 'hono';
import type { Place } from '../place.ts';
import type { Repository } from '../state.ts';

/** The form that was sent, by the names of its fields. */
export type Form = (name: string) => string;

/** What the sections of a repository's page share. */
export interface RepositoryPage {
  place: Place;
  /** Does what a form asks for and shows the page again; what was thrown is shown as the reason why not. */
  act(run: (repository: Repository, form: Form, c: Context) => unknown): (c: Context) => Promise<Response>;
}

export const pathOf = (repository: Repository) =>
  `/sandbox/repositories/${encodeURIComponent(repository.uuid)}`;

/** Where the forms of a section are sent to, below the path of the repository. */
export const route = (tail: string) => `/sandbox/repositories/:uuid/${tail}`;
