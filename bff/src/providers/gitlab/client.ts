/** GitLab's API v4, as far as logging in and reading the profile goes. */
import { z } from 'zod';
import type { ProviderConfig } from '../../config.ts';
import type { Outbound } from '../../http.ts';
import { isEmailAddress, readAnswer, safePicture } from '../answer.ts';
import type { Account, Answer, PrimaryEmail, Provider, ProviderModule } from '../provider.ts';
import { facts } from './facts.ts';

const User = z.object({
  id: z.int().positive(),
  username: z.string().min(1).max(500),
  name: z.string().max(500).nullish(),
  avatar_url: z.string().nullish(),
  email: z.string().max(320).nullish(),
  // Null until the person followed the link in GitLab's mail.
  confirmed_at: z.string().nullish(),
});

export const gitlab: ProviderModule = { facts, create };

function create(config: ProviderConfig, outbound: Outbound): Provider {
  async function readUser(accessToken: string) {
    const headers = { accept: 'application/json', authorization: `Bearer ${accessToken}` };
    const url = `${config.apiUrl}/user`;
    return readAnswer(
      await outbound({ provider: facts.id, what: 'GET /user', method: 'GET', url, headers }),
      User,
    );
  }

  async function readAccount(accessToken: string): Promise<Answer<Account>> {
    const answer = await readUser(accessToken);
    if (!answer.ok) return answer;
    const { id, username, name, avatar_url } = answer.value;
    return {
      ok: true,
      value: {
        accountId: String(id),
        nickname: username,
        displayName: name || username,
        url: `${config.webUrl}/${encodeURIComponent(username)}`,
        avatarUrl: safePicture(avatar_url, config.webUrl),
      },
    };
  }

  async function readPrimaryEmail(accessToken: string): Promise<Answer<PrimaryEmail>> {
    const answer = await readUser(accessToken);
    if (!answer.ok) return answer;
    const { email, confirmed_at } = answer.value;
    if (!email || !isEmailAddress(email)) return { ok: true, value: { state: 'missing' } };
    return { ok: true, value: { state: confirmed_at ? 'confirmed' : 'unconfirmed', address: email } };
  }

  async function withdraw(accessToken: string): Promise<void> {
    const { clientId, clientSecret } = config;
    await outbound({
      provider: facts.id,
      what: 'POST /oauth/revoke',
      method: 'POST',
      url: `${config.webUrl}/oauth/revoke`,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({
        client_id: clientId,
        client_secret: clientSecret,
        token: accessToken,
      }).toString(),
    });
  }

  return { facts, config, readAccount, readPrimaryEmail, withdraw };
}
