import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { projectBodies } from '../../test/project-bodies.ts';
import { type SemProject, sendFromSem, showInSem } from '../../test/sem-client.ts';
import { createdFrom, replacedBy, shownAs } from '../../test/stored-project.ts';
import type { ProjectRow } from '../db/schema.ts';
import { ProjectDocument } from './document.ts';
import { readProject } from './read-document.ts';

const projects = projectBodies().map(createdFrom);

/** What `sem edit` does, over the wire. */
function editInSem(row: ProjectRow, edit: (project: SemProject) => void): ProjectRow {
  const shown = showInSem(JSON.parse(JSON.stringify(shownAs(row))));
  edit(shown);
  return mustReplace(row, JSON.parse(sendFromSem(shown)));
}

function mustReplace(row: ProjectRow, body: unknown): ProjectRow {
  const replaced = replacedBy(row, body);
  if (!replaced.ok) throw new Error(replaced.message);
  return replaced.row;
}

const nothing = () => undefined;

describe('whatever a project is', () => {
  test('its document is of the shape that is promised, in the promised order', () => {
    fc.assert(
      fc.property(projects, (row) => {
        const document = shownAs(row);
        expect(JSON.stringify(ProjectDocument.parse(document))).toBe(JSON.stringify(document));
      }),
    );
  });

  test('an edit in the client that changes nothing loses nothing, even of what the client drops', () => {
    fc.assert(
      fc.property(projects, (row) => {
        expect(shownAs(editInSem(row, nothing))).toEqual(shownAs(row));
      }),
      { numRuns: 500 },
    );
  });

  test('neither does a script that sends back what it was answered', () => {
    fc.assert(
      fc.property(projects, (row) => {
        const document = JSON.parse(JSON.stringify(shownAs(row)));
        expect(shownAs(mustReplace(row, document))).toEqual(shownAs(row));
      }),
    );
  });

  test('what was sent is what is answered', () => {
    fc.assert(
      fc.property(projectBodies(), (body) => {
        const { spec } = shownAs(createdFrom(body));
        for (const [index, task] of (body.spec?.tasks ?? []).entries()) {
          const shown = spec.tasks[index];
          expect(shown).toMatchObject({ name: task.name, pipeline_file: task.pipeline_file });
          expect(shown?.parameters.map((each) => each.name)).toEqual(
            (task.parameters ?? []).map((each) => each.name),
          );
          for (const [place, parameter] of (task.parameters ?? []).entries())
            expect(shown?.parameters[place]).toMatchObject({
              ...parameter,
              description: expect.any(String),
            });
        }
        expect(spec.schedulers.map(({ name }) => name)).toEqual(
          (body.spec?.schedulers ?? []).map(({ name }) => name),
        );
        expect(spec.repository.whitelist).toEqual({
          branches: [],
          tags: [],
          ...body.spec?.repository?.whitelist,
        });
        expect(spec.repository.forked_pull_requests).toEqual({
          allowed_secrets: [],
          allowed_contributors: [],
          ...body.spec?.repository?.forked_pull_requests,
        });
        expect(new Set(spec.repository.run_on)).toEqual(
          new Set((body.spec?.repository?.run_on ?? []).map((each) => each.toLowerCase())),
        );
      }),
    );
  });

  test('a null is as good as no key', () => {
    fc.assert(
      fc.property(projectBodies(), (body) => {
        const filled = { ...body, spec: { visibility: null, tasks: null, schedulers: null, ...body.spec } };
        const plain = (row: ProjectRow) => JSON.stringify(shownAs(row)).replace(/0{8}-[0-9-]+/g, 'ID');
        expect(plain(createdFrom(filled))).toBe(plain(createdFrom(body)));
      }),
    );
  });
});

type Edit = (project: SemProject) => void;

describe('an edit changes one thing and nothing else:', () => {
  const tasksOf = ({ spec }: SemProject) => spec.tasks ?? [];

  /** What the user does in the editor; and, where that is something else, what it does to the answer. */
  const edits: Record<string, [Edit, Edit?]> = {
    'the name': [
      ({ metadata }) => {
        metadata.name = 'Renamed_2';
      },
    ],
    'the description': [
      ({ metadata }) => {
        metadata.description = 'Another.';
      },
    ],
    'the description, emptied': [
      ({ metadata }) => {
        metadata.description = '';
      },
    ],
    'the visibility': [
      ({ spec }) => {
        spec.visibility = 'public';
      },
    ],
    'the pipeline file': [
      ({ spec }) => {
        spec.repository.pipeline_file = 'ci/other.yml';
      },
    ],
    'the pipeline file, emptied, which stays': [
      ({ spec }) => {
        spec.repository.pipeline_file = '';
      },
      nothing,
    ],
    'the kind of integration, which stays': [
      ({ spec }) => {
        spec.repository.integration_type = 'gitlab';
      },
      nothing,
    ],
    'nothing to run on': [
      ({ spec }) => {
        spec.repository.run_on = [];
      },
    ],
    'what to run on, in any order and case': [
      ({ spec }) => {
        spec.repository.run_on = ['branches', 'Tags'];
      },
      ({ spec }) => {
        spec.repository.run_on = ['tags', 'branches'];
      },
    ],
    'the whitelist of branches': [
      ({ spec }) => {
        spec.repository.whitelist = { ...spec.repository.whitelist, branches: ['/^main$/'] };
      },
    ],
    'the secrets of forks': [
      ({ spec }) => {
        const forked = spec.repository.forked_pull_requests;
        spec.repository.forked_pull_requests = { ...forked, allowed_secrets: ['one'] };
      },
    ],
    'no tasks': [
      ({ spec }) => {
        spec.tasks = [];
      },
    ],
    'no schedulers': [
      ({ spec }) => {
        spec.schedulers = [];
      },
    ],
    'one task less': [(project) => tasksOf(project).shift()],
    'the order of tasks': [(project) => tasksOf(project).reverse()],
    'when tasks run': [
      (project) => {
        for (const task of tasksOf(project)) task.at = '1 2 3 4 *';
      },
    ],
    'where tasks run': [
      (project) => {
        for (const task of tasksOf(project)) task.reference = { type: 'tag', name: 'v9' };
      },
      (project) => {
        for (const task of tasksOf(project)) task.branch = 'refs/tags/v9';
      },
    ],
    'the names of tasks': [
      (project) => {
        for (const [index, task] of tasksOf(project).entries()) task.name = `Task ${index}`;
      },
    ],
    'the state of schedulers': [
      ({ spec }) => {
        for (const scheduler of spec.schedulers ?? []) scheduler.status = 'INACTIVE';
      },
    ],
    'the options of parameters': [
      (project) => {
        for (const { parameters = [] } of tasksOf(project))
          for (const parameter of parameters) parameter.options = ['z'];
      },
    ],
    'permissions of its own, and with them all': [
      ({ spec }) => {
        spec.custom_permissions = false;
      },
      ({ spec }) => {
        Object.assign(spec, { custom_permissions: false, debug_permissions: [], attach_permissions: [] });
      },
    ],
  };

  test.each(Object.entries(edits))('%s', (_, [edit, expectEdit = edit]) => {
    fc.assert(
      fc.property(projects, (row) => {
        const wanted = JSON.parse(JSON.stringify(shownAs(row)));
        expectEdit(wanted);
        expect(shownAs(editInSem(row, edit))).toEqual(wanted);
      }),
      { numRuns: 50 },
    );
  });
});

describe('whatever is sent', () => {
  const units = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 20 });
  const text = units.map((codes) => String.fromCharCode(...codes));
  const anything = fc.oneof(
    fc.jsonValue(),
    text,
    fc.constantFrom('\n', '\u0000', '\ud800', '\u2028', 'a\u0085b', '(', '{', '\u202e', 'x'.repeat(300)),
    fc.dictionary(text, fc.jsonValue()),
    fc.array(text),
  );

  /** A valid project with some of what is in it replaced, or with keys that nobody knows. */
  const almost = fc
    .tuple(
      projectBodies({ url: 'git@bitbucket.org:tidal/harbour.git' }),
      fc.array(fc.tuple(fc.nat(), fc.option(text, { freq: 3 }), anything), { minLength: 1, maxLength: 3 }),
    )
    .map(([body, changes]) => {
      const json = JSON.parse(JSON.stringify(body));
      for (const [at, key, value] of changes) {
        const places = placesIn(json);
        const place = places[at % places.length];
        if (place) place.holder[key ?? place.key] = value;
      }
      return json;
    });

  const read = (json: unknown) => {
    const project = readProject(json);
    if (!project.ok) return project.message;
    const row = replacedBy(createdFrom({ metadata: { name: 'harbour' } }), json);
    return row.ok ? row.row : row.message;
  };

  test.each([
    ['anything at all', anything],
    ['almost a project', almost],
  ])('is stored or refused with one line that can be read, when it is %s', (_, arbitrary) => {
    fc.assert(
      fc.property(arbitrary as fc.Arbitrary<unknown>, (json) => {
        const outcome = read(json);
        expect(textsIn(outcome).filter(isUnstorable)).toEqual([]);
        if (typeof outcome !== 'string') return;
        expect(outcome).not.toBe('');
        expect(outcome).not.toMatch(/\p{Cc}|[\u2028-\u202e\ufeff]/u);
        expect(outcome.length).toBeLessThanOrEqual(2_000);
      }),
      { numRuns: 1_000 },
    );
  });
});

/** What PostgreSQL can hold in no text. */
function isUnstorable(text: string): boolean {
  return text.includes('\u0000') || !text.isWellFormed();
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [key, ...textsIn(each)]);
}

type Place = { holder: Record<string, unknown>; key: string };

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesIn(holder[key])]);
}
