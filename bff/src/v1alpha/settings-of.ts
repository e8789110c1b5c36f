/** What a draft makes of a project's settings: a new project's, or those that replace the stored ones. Pure. */
import type { ProjectRow } from '../db/schema.ts';
import type { ProjectSettings } from '../projects/write-settings.ts';
import type { ProjectDraft } from './read-document.ts';
import { quote, startReading } from './reading.ts';
import { completeTasks } from './tasks.ts';

/** What is to be written beside the name; without `pipelineFile`, it stays. */
export type SettingsOf =
  | { ok: true; set: Omit<ProjectSettings, 'pipelineFile'> & { pipelineFile?: string } }
  | { ok: false; message: string };

/** The client's `init` knows no others, and says `github_token` when it is told nothing. */
const TAKEN_FOR_BITBUCKET = ['bitbucket', 'github_token', 'github_app'];

/** Ids that are in the draft are another project's: all entries are new. `message` is one line. */
export function settingsForNew(draft: ProjectDraft, newId: () => string): SettingsOf {
  const type = draft.integrationType;
  if (type !== null && !TAKEN_FOR_BITBUCKET.includes(type.toLowerCase())) {
    const message = `spec.repository.integration_type: ${quote(type)} is not possible here, use bitbucket`;
    return { ok: false, message };
  }
  const anew = <Entry extends { id: string | null }>(entries: Entry[]) =>
    entries.map((entry) => ({ ...entry, id: null }));
  const drafts = { ...draft, schedulers: anew(draft.schedulers), tasks: anew(draft.tasks) };
  return complete(drafts, {}, newId);
}

/** Replaces everything that has no way to say "as it is". `message` is one line. */
export function settingsForReplacement(
  draft: ProjectDraft,
  stored: Pick<ProjectRow, 'kept'>,
  newId: () => string,
): SettingsOf {
  return complete(draft, stored.kept, newId);
}

function complete(draft: ProjectDraft, stored: ProjectRow['kept'], newId: () => string): SettingsOf {
  const reading = startReading();
  const before = { schedulers: stored.schedulers ?? [], tasks: stored.tasks ?? [] };
  const entries = completeTasks(reading, draft, before, newId);
  const message = reading.refused();
  if (message !== null) return { ok: false, message };
  const { description, visibility, runOn, whitelist, pipelineFile } = draft;
  const set = { description, visibility, runOn, whitelist, kept: { ...draft.kept, ...entries } };
  return { ok: true, set: pipelineFile === null ? set : { ...set, pipelineFile } };
}
