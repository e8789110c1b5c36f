/** Projects as the database holds them, for tests of what is pure: no database is met. */
import type { ProjectRow } from '../src/db/schema.ts';
import { readProject } from '../src/v1alpha/read-document.ts';
import { settingsForNew, settingsForReplacement } from '../src/v1alpha/settings-of.ts';
import { documentOf } from '../src/v1alpha/show-document.ts';

const CREATED = new Date('2026-05-04T08:00:00Z');
const REPOSITORY = { url: 'git@bitbucket.org:tidal/harbour.git', owner: 'tidal', name: 'harbour' };

function newRow(name: string): ProjectRow {
  return {
    id: '6d3c1a52-8a44-4f0c-9c39-0d6f3b0b8f01',
    organizationId: '0d1f1c0e-6a0b-4c7c-8f43-9f3f0a5f2b02',
    name,
    nameKey: name.toLowerCase(),
    description: '',
    createdBy: '5e0b9d4e-7d3f-4f57-8a5e-3c1b2a908703',
    createdAt: CREATED,
    state: 'ready',
    provider: 'bitbucket',
    repositoryUuid: '{3c0f7a7e-5a6b-4e4e-9b9a-2f1e0d9c8b04}',
    repositoryName: 'tidal/harbour',
    seenName: 'tidal/harbour',
    defaultBranch: 'main',
    pipelineFile: '.semaphore/semaphore.yml',
    visibility: 'private',
    runOn: ['tags', 'branches'],
    whitelist: { branches: [], tags: [] },
    kept: {},
    tokenOwnerId: '5e0b9d4e-7d3f-4f57-8a5e-3c1b2a908703',
    version: 1,
    lookHolder: null,
    lookUntil: null,
    lookStartedAt: null,
    lookFinishedAt: null,
    lookDueAt: CREATED,
    reconcileAt: null,
    reconcileRound: 0,
  };
}

let made = 0;
const newId = () => `00000000-0000-4000-8000-${String(++made).padStart(12, '0')}`;

/** As it is stored after a body was sent that makes it; throws what the API would say. */
export function createdFrom(body: unknown): ProjectRow {
  const read = readProject(body);
  if (!read.ok) throw new Error(read.message);
  const settings = settingsForNew(read.value, newId);
  if (!settings.ok) throw new Error(settings.message);
  return stored({ ...newRow(read.value.name), ...settings.set });
}

/** As it is stored after a body was sent that replaces it, or what the API would say. */
export function replacedBy(
  row: ProjectRow,
  body: unknown,
): { ok: true; row: ProjectRow } | { ok: false; message: string } {
  const read = readProject(body);
  if (!read.ok) return read;
  const settings = settingsForReplacement(read.value, row, newId);
  if (!settings.ok) return settings;
  return { ok: true, row: stored({ ...row, name: read.value.name, ...settings.set }) };
}

export const shownAs = (row: ProjectRow) => documentOf(row, REPOSITORY);

/** What comes back out of `jsonb`. */
function stored(row: ProjectRow): ProjectRow {
  return {
    ...row,
    whitelist: JSON.parse(JSON.stringify(row.whitelist)),
    kept: JSON.parse(JSON.stringify(row.kept)),
  };
}
