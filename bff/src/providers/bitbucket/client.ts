/** Bitbucket Cloud's API 2.0, as far as the product asks it. */
import type { ProviderConfig } from '../../config.ts';
import type { Outbound } from '../../http.ts';
import { isEmailAddress, readAnswer, safePicture, unexpected } from '../answer.ts';
import type { Account, Answer, PrimaryEmail, Provider, ProviderModule } from '../provider.ts';
import { isBelow } from './address.ts';
import { facts } from './facts.ts';
import { missingScopes } from './refusal.ts';
import { createRepositoryAccess } from './repositories.ts';
import { Emails, User } from './schema.ts';

/** A person has a handful of addresses; a list that never ends is a fault. */
const MOST_PAGES = 5;

export const bitbucket: ProviderModule = { facts, create };

function create(config: ProviderConfig, outbound: Outbound): Provider {
  function get(what: string, url: string, accessToken: string) {
    const headers = { accept: 'application/json', authorization: `Bearer ${accessToken}` };
    return outbound({ provider: facts.id, what, method: 'GET', url, headers });
  }

  async function readAccount(accessToken: string): Promise<Answer<Account>> {
    const answer = readAnswer(
      await get('GET /user', `${config.apiUrl}/user`, accessToken),
      User,
      missingScopes,
    );
    if (!answer.ok) return answer;
    const user = answer.value;
    const nickname = user.nickname || user.display_name || user.uuid;
    return {
      ok: true,
      value: {
        accountId: user.uuid.toLowerCase(),
        nickname,
        displayName: user.display_name || nickname,
        // Built here, not taken from the answer: the UUID form survives a change of nickname.
        url: `${config.webUrl}/${encodeURIComponent(user.uuid)}/`,
        avatarUrl: safePicture(user.links?.avatar.href, config.webUrl),
      },
    };
  }

  async function readPrimaryEmail(accessToken: string): Promise<Answer<PrimaryEmail>> {
    let url = `${config.apiUrl}/user/emails?pagelen=100`;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const answer = readAnswer(await get('GET /user/emails', url, accessToken), Emails, missingScopes);
      if (!answer.ok) return answer;
      const primary = answer.value.values.find((email) => email.is_primary && isEmailAddress(email.email));
      if (primary) {
        const state = primary.is_confirmed ? 'confirmed' : 'unconfirmed';
        return { ok: true, value: { state, address: primary.email } };
      }
      if (!answer.value.next) return { ok: true, value: { state: 'missing' } };
      if (!isBelow(answer.value.next, config.apiUrl)) return unexpected();
      url = answer.value.next;
    }
    return unexpected();
  }

  // Bitbucket documents no call to withdraw a grant; people do that in their list of authorized apps.
  return {
    facts,
    config,
    readAccount,
    readPrimaryEmail,
    repositories: createRepositoryAccess(config, outbound),
  };
}
