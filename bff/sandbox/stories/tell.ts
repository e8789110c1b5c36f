/** Brings the stories about: from outside, over the product's own API, as people would; then plays Bitbucket. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Send } from '../bitbucket/deliveries.ts';
import type { Place } from '../place.ts';
import type { Person } from '../state.ts';
import { personNamed } from '../world.ts';
import { stories } from './list.ts';
import type { Story } from './story.ts';
import { MEMBERS, ORGANIZATION, OWNER } from './story.ts';
import type { Answer, Walker } from './walker.ts';
import { createWalker, wordsOf } from './walker.ts';

/** So many stories are told side by side: most of the time each waits for an answer. */
const SIDE_BY_SIDE = 4;
/** A project that is not ready after so long, in milliseconds, will not be by waiting. */
const PATIENCE = 180_000;

export interface Telling {
  place: Place;
  publicUrl: string;
  productAt: string;
  /** How requests travel; `fetch` when left out. */
  send?: Send;
  signal: AbortSignal;
  /** Hears of a story that could not be told, in one line; it is tried again at the next start. */
  onFailure(line: string): void;
}

/** Whether something is left to tell in this world. */
export function hasUntoldStories({ world }: Place): boolean {
  const { told } = world.data.stories;
  return stories.some((story) => told[story.id]?.state !== 'done');
}

/** The page of a story's project in the product. */
export const pageOf = (publicUrl: string, project: string) =>
  `${publicUrl}/organizations/${ORGANIZATION.slug}/projects/${project}/settings/repository`;

/**
 * Tells what is untold yet; what was told is remembered in the world, so that a later call goes on where this one ended.
 * Resolves when all is told or was tried. A story that fails does not stop the others.
 */
export async function tellStories(telling: Telling): Promise<void> {
  const { place, publicUrl, productAt, send, signal, onFailure } = telling;
  const { world } = place;
  const { told, joined } = world.data.stories;
  const untold = stories.filter((story) => told[story.id]?.state !== 'done');
  if (untold.length === 0) return;

  const arrivals = new Map<string, Promise<Walker>>();
  const bitbucket = place.origins.bitbucket;
  /** Each person logs in once, and only when they are needed: a log-in grants anew what was revoked. */
  function arrive(nickname: string): Promise<Walker> {
    const walker = arrivals.get(nickname) ?? logIn(personNamed(world, 'bitbucket', nickname));
    arrivals.set(nickname, walker);
    return walker;
  }
  async function logIn(person: Person): Promise<Walker> {
    const walker = createWalker({ publicUrl, productAt, bitbucket, signal, ...(send ? { send } : {}) });
    await walker.signIn(person);
    return walker;
  }
  const members = new Map<string, Promise<Walker>>();
  function member(nickname: string): Promise<Walker> {
    const found = members.get(nickname) ?? becomeMember(nickname);
    members.set(nickname, found);
    return found;
  }
  async function becomeMember(nickname: string): Promise<Walker> {
    const [owner, walker] = await Promise.all([arrive(OWNER), arrive(nickname)]);
    if (nickname === OWNER) await ensureOrganization(owner);
    else if (!joined.includes(nickname)) {
      await member(OWNER);
      await join(owner, walker, MEMBERS[nickname as keyof typeof MEMBERS]);
      joined.push(nickname);
      world.changed();
    }
    return walker;
  }

  try {
    await member(OWNER);
  } catch (error) {
    if (!signal.aborted) onFailure(`The stories cannot be told: ${reason(error)}.`);
    return;
  }
  const pim = member('pim').catch((error: unknown) => {
    if (!signal.aborted) onFailure(`Pim de Wit has not joined: ${reason(error)}.`);
  });

  const queue = [...untold];
  const work = async () => {
    for (let story = queue.shift(); story && !signal.aborted; story = queue.shift()) {
      try {
        await tell(story);
      } catch (error) {
        if (!signal.aborted) onFailure(`Story “${story.title}” is missing: ${reason(error)}.`);
      }
    }
  };
  await Promise.all([pim, ...Array.from({ length: SIDE_BY_SIDE }, work)]);

  async function tell(story: Story): Promise<void> {
    const repository = world.data.repositories.find((each) => each.uuid === story.repository);
    if (!repository) throw new Error('its repository is gone');
    if (told[story.id] === undefined) {
      const walker = await member(story.owner);
      await Promise.all(story.projects.map((project) => create(walker, story.repository, project)));
      told[story.id] = { state: 'made' };
      world.changed();
    }
    await story.happens?.run(place, repository);
    // Told to the product at once, so that its lists know too.
    const owner = await member(OWNER);
    await Promise.all(
      story.projects.map(async ({ name }) => {
        const path = `${projectsPath}/${name}/repository/check`;
        expect(await owner.api('POST', path, { fresh: true }), [200]);
      }),
    );
    told[story.id] = { state: 'done' };
    world.changed();
  }

  async function create(walker: Walker, repository: string, project: Story['projects'][number]) {
    const path = `${projectsPath}/${project.name}`;
    if ((await walker.api('GET', path)).status === 404) {
      const draft = { repository, name: project.name };
      const made = await walker.api('POST', projectsPath, draft, { 'idempotency-key': randomUUID() });
      expect(made, [201]);
    }
    const patience = Date.now() + PATIENCE;
    for (;;) {
      const now = expect(await walker.api('GET', path), [200]);
      if (now.body.project.state === 'ready') break;
      if (Date.now() > patience) throw new Error(`the project ${project.name} does not become ready`);
      await sleep(250, undefined, { signal });
    }
    const { pipelineFile } = project;
    if (pipelineFile) expect(await walker.api('PATCH', path, { pipelineFile }), [200]);
  }
}

const organizationPath = `/api/organizations/${ORGANIZATION.slug}`;
const projectsPath = `${organizationPath}/projects`;

async function ensureOrganization(owner: Walker): Promise<void> {
  if ((await owner.api('GET', organizationPath)).status === 200) return;
  expect(await owner.api('POST', '/api/organizations', ORGANIZATION), [201]);
}

async function join(owner: Walker, walker: Walker, role: 'admin' | 'member'): Promise<void> {
  if ((await walker.api('GET', organizationPath)).status === 200) return;
  const offer = { role, singleUse: true, days: 1 };
  const { link } = expect(await owner.api('POST', `${organizationPath}/invitations`, offer), [201]).body;
  const token = String(link).split('/').at(-1);
  expect(await walker.api('POST', `/api/invitations/${token}/accept`, {}), [200]);
}

function expect(answer: Answer, statuses: number[]): Answer {
  if (!statuses.includes(answer.status)) throw new Error(`the product answers ${wordsOf(answer)}`);
  return answer;
}

const reason = (error: unknown) =>
  (error instanceof Error ? error.message : String(error)).replace(/\.$/, '');
