import type { Context } from 'hono';
import { Hono } from 'hono';
import type { Place } from '../place.ts';
import type { DeployKey } from '../state.ts';
import { bitbucketTime } from '../time.ts';
import { paged, problem } from './answers.ts';
import { requires } from './credentials.ts';
import type { InRepository } from './repository.ts';
import { adminsOnly, inRepository } from './repository.ts';
import { keyShape } from './shapes.ts';

/** Deploy keys ("access keys") of a repository, under `/2.0/repositories/:workspace/:slug`. */
export function deployKeys(place: Place): Hono<InRepository> {
  const { world, origins } = place;
  const app = new Hono<InRepository>({ strict: false });
  const rights = [
    requires(place, 'repository', 'repository:admin'),
    inRepository(place),
    adminsOnly,
  ] as const;
  const keysOf = (c: Context<InRepository>) =>
    world.data.deployKeys.filter((key) => key.repository === c.get('repository').uuid);
  const find = (c: Context<InRepository>): DeployKey | undefined =>
    keysOf(c).find((key) => String(key.id) === c.req.param('id'));
  const noSuchKey = (c: Context) => problem(c, 404, 'No deploy key with that id exists on this repository.');
  /** Field errors of keys come without the usual envelope. */
  const fieldError = (c: Context, field: string, message: string) => c.json({ [field]: [{ message }] }, 400);

  app.get('/deploy-keys', ...rights, (c) =>
    paged(
      c,
      origins.api,
      keysOf(c).map((key) => keyShape(place, c.get('repository'), key)),
    ),
  );
  app.get('/deploy-keys/:id', ...rights, (c) => {
    const key = find(c);
    return key ? c.json(keyShape(place, c.get('repository'), key)) : noSuchKey(c);
  });

  app.post('/deploy-keys', ...rights, async (c) => {
    const body = await fieldsOf(c);
    const repository = c.get('repository');
    if (typeof body?.key !== 'string' || body.key.trim() === '')
      return fieldError(c, 'key', 'This field is required.');
    const parsed = parsePublicKey(body.key);
    if (!parsed) return fieldError(c, 'key', 'Invalid SSH key.');
    if (keysOf(c).some((key) => key.key === parsed.key)) {
      const message = 'Someone has already added that access key to this repository.';
      return world.data.quirks.duplicateKey === 'fields'
        ? fieldError(c, 'key', message)
        : problem(c, 400, 'Bad request', { fields: { key: [message] } });
    }
    const grant = c.get('grant');
    const key: DeployKey = {
      id: world.data.nextKeyId++,
      repository: repository.uuid,
      key: parsed.key,
      comment: parsed.comment,
      label: typeof body.label === 'string' ? body.label : '',
      createdOn: bitbucketTime(world.now()),
      lastUsed: null,
      addedBy: c.get('person'),
      client: grant.client,
      stopped: false,
    };
    world.data.deployKeys.push(key);
    world.changed();
    return c.json(keyShape(place, repository, key), 200);
  });

  app.put('/deploy-keys/:id', ...rights, async (c) => {
    const key = find(c);
    if (!key) return noSuchKey(c);
    const body = await fieldsOf(c);
    const parsed = typeof body?.key === 'string' ? parsePublicKey(body.key) : null;
    // A key is replaced by deleting it and adding another; PUT wants the same one again.
    if (parsed?.key !== key.key) return fieldError(c, 'key', 'The key cannot be changed.');
    if (typeof body?.label === 'string') key.label = body.label;
    if (typeof body?.comment === 'string') key.comment = body.comment;
    else if (parsed.comment !== '') key.comment = parsed.comment;
    world.changed();
    return c.json(keyShape(place, c.get('repository'), key));
  });

  app.delete('/deploy-keys/:id', ...rights, (c) => {
    const key = find(c);
    if (!key) return noSuchKey(c);
    world.data.deployKeys = world.data.deployKeys.filter((each) => each !== key);
    world.changed();
    return c.body(null, 204);
  });
  return app;
}

async function fieldsOf(c: Context): Promise<Record<string, unknown> | null> {
  const body: unknown = await c.req.json().catch(() => null);
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : null;
}

const types = ['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521', 'ssh-rsa'];

/** An OpenSSH public key line taken apart; null when it is none, or an RSA key below 2048 bits. */
function parsePublicKey(line: string): { key: string; comment: string } | null {
  const [type = '', data = '', ...comment] = line.trim().split(/\s+/);
  if (!types.includes(type) || !/^[A-Za-z0-9+/]+={0,2}$/.test(data) || /[\r\n]/.test(line.trim()))
    return null;
  const fields: Buffer[] = [];
  const bytes = Buffer.from(data, 'base64');
  for (let at = 0; at < bytes.length; ) {
    if (at + 4 > bytes.length) return null;
    const length = bytes.readUInt32BE(at);
    if (at + 4 + length > bytes.length) return null;
    fields.push(bytes.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  if (fields[0]?.toString('utf8') !== type || fields.length < 2) return null;
  if (type === 'ssh-ed25519' && fields[1]?.length !== 32) return null;
  // The modulus carries a zero byte in front of its sign bit.
  if (type === 'ssh-rsa' && (fields[2]?.length ?? 0) < 2048 / 8) return null;
  return { key: `${type} ${data}`, comment: comment.join(' ') };
}
