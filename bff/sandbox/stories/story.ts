import type { Place } from '../place.ts';
import type { Repository } from '../state.ts';

/** What somebody does at Bitbucket, as a button on the sandbox's start page says it. Can be done again and again. */
export interface Deed {
  button: string;
  run(place: Place, repository: Repository): void | Promise<void>;
}

/** A situation that a newcomer finds ready-made in the product, on a repository of its own. */
export interface Story {
  id: string;
  title: string;
  /** What there is to see, in a sentence or two. */
  tells: string;
  /** Nickname of who creates the projects, and so is their token owner. */
  owner: 'nora' | 'tomas' | 'ines';
  /** UUID of the repository. */
  repository: string;
  projects: { name: string; pipelineFile?: string }[];
  /** What goes wrong when the projects are there; null where nothing has to happen. */
  happens: Deed | null;
  /** How it is put right at Bitbucket; null where that is up to the product. */
  mends: Deed | null;
}

/** The organization that the stories play in. Nora owns it. */
export const ORGANIZATION = { name: 'Harbour Works', slug: 'harbour' } as const;

export const OWNER = 'nora';
export const MEMBERS = { tomas: 'admin', ines: 'admin', pim: 'member' } as const;
