/** GitHub's REST API, as far as logging in and reading the profile goes. */
import { z } from 'zod';
import type { ProviderConfig } from '../../config.ts';
import type { Outbound } from '../../http.ts';
import { isEmailAddress, readAnswer, safePicture } from '../answer.ts';
import type { Account, Answer, PrimaryEmail, Provider, ProviderModule } from '../provider.ts';
import { facts } from './facts.ts';

const User = z.object({
  id: z.int().positive(),
  login: z.string().min(1).max(500),
  name: z.string().max(500).nullish(),
  avatar_url: z.string().nullish(),
});
const Emails = z.array(z.object({ email: z.string().max(320), primary: z.boolean(), verified: z.boolean() }));

export const github: ProviderModule = { facts, create };

function create(config: ProviderConfig, outbound: Outbound): Provider {
  function get(what: string, path: string, accessToken: string) {
    const headers = {
      accept: 'application/vnd.github+json',
      authorization: `Bearer ${accessToken}`,
      'x-github-api-version': '2022-11-28',
    };
    return outbound({ provider: facts.id, what, method: 'GET', url: config.apiUrl + path, headers });
  }

  async function readAccount(accessToken: string): Promise<Answer<Account>> {
    const answer = readAnswer(await get('GET /user', '/user', accessToken), User);
    if (!answer.ok) return answer;
    const { id, login, name, avatar_url } = answer.value;
    return {
      ok: true,
      value: {
        accountId: String(id),
        nickname: login,
        displayName: name || login,
        url: `${config.webUrl}/${encodeURIComponent(login)}`,
        avatarUrl: safePicture(avatar_url, config.webUrl),
      },
    };
  }

  async function readPrimaryEmail(accessToken: string): Promise<Answer<PrimaryEmail>> {
    const result = await get('GET /user/emails', '/user/emails?per_page=100', accessToken);
    const answer = readAnswer(result, Emails);
    if (!answer.ok) return answer;
    const primary = answer.value.find((email) => email.primary && isEmailAddress(email.email));
    if (!primary) return { ok: true, value: { state: 'missing' } };
    return {
      ok: true,
      value: { state: primary.verified ? 'confirmed' : 'unconfirmed', address: primary.email },
    };
  }

  async function withdraw(accessToken: string): Promise<void> {
    await outbound({
      provider: facts.id,
      what: 'DELETE /applications/:client/grant',
      method: 'DELETE',
      url: `${config.apiUrl}/applications/${encodeURIComponent(config.clientId)}/grant`,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Basic ${btoa(`${config.clientId}:${config.clientSecret}`)}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify({ access_token: accessToken }),
    });
  }

  return { facts, config, readAccount, readPrimaryEmail, withdraw };
}
