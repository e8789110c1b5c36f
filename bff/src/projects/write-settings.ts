/** Writing a project's settings, from its General page and from its file alike. */
import type { Tx } from '../db/connect.ts';
import { nameKey } from './project-name.ts';
import type { KeptSettings, RunOn, Whitelist } from './settings.ts';
import { bumpVersion } from './version.ts';

/** What a project's file says, beside its name and the URL of its repository. */
export type ProjectSettings = {
  description: string;
  pipelineFile: string;
  visibility: 'private' | 'public';
  runOn: RunOn[];
  whitelist: Whitelist;
  kept: KeptSettings;
};

/** The settings that are given, as the database takes them. */
export function columnsOf({ whitelist, kept, ...plain }: Partial<ProjectSettings>) {
  return {
    ...plain,
    ...(whitelist ? { whitelist: JSON.stringify(whitelist) } : {}),
    ...(kept ? { kept: JSON.stringify(kept) } : {}),
  };
}

/** Writes what is given; false for a project that is being deleted. A name that is taken throws a unique violation. */
export async function writeSettingsIn(
  tx: Tx,
  projectId: string,
  { name, ...settings }: Partial<ProjectSettings> & { name?: string },
): Promise<boolean> {
  const row = await tx
    .updateTable('project')
    .set({
      ...(name === undefined ? {} : { name, nameKey: nameKey(name) }),
      ...columnsOf(settings),
      // What an earlier look saw answers nobody any more.
      lookFinishedAt: null,
    })
    .where('id', '=', projectId)
    .where('state', 'in', ['creating', 'ready'])
    .returning('id')
    .executeTakeFirst();
  if (row) await bumpVersion(tx, projectId);
  return row !== undefined;
}
