import { html } from 'hono/html';
import { serviceNames } from '../place.ts';
import type { OAuthClient, Person } from '../state.ts';
import { layout } from './layout.ts';

const words: Record<string, string> = {
  account: 'Read your account information',
  email: 'Read your e-mail addresses',
  repository: 'Read your repositories',
  'repository:write': 'Read and change your repositories',
  'repository:admin': 'Administer your repositories',
  webhook: 'Read and change the webhooks of your repositories',
  pullrequest: 'Read your pull requests',
  'read:user': 'Read your profile',
  'user:email': 'Read your e-mail addresses',
  read_user: 'Read your personal information',
};

/** Asks a person whether a client may act for them. `request` is the authorize request, sent back with the decision. */
export function consentPage(client: OAuthClient, person: Person, scopes: string[], request: URL) {
  const service = serviceNames[client.service];
  const here = `${request.pathname}${request.search}`;
  return layout(
    { service: client.service, title: `Confirm access to your account`, who: person.name },
    html`<div class="card">
      <p><strong>${client.name}</strong> asks for access to the ${service} account of
        <strong>${person.name}</strong> (@${person.nickname}). It would be able to:</p>
      <ul>${scopes.map((scope) => html`<li>${words[scope] ?? scope} <code>${scope}</code></li>`)}</ul>
      <form method="post" action="${request.pathname}" class="row">
        ${[...request.searchParams].map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
        <button class="first" name="decision" value="grant">Grant access</button>
        <button name="decision" value="deny">Deny</button>
      </form>
      <p><a href="/sandbox/login?next=${encodeURIComponent(here)}">Use another account</a></p>
    </div>
    <p class="quiet">You can take this back at any time in your ${service} settings.</p>`,
  );
}

/** A refusal that may not be redirected, because nobody knows where it would lead. */
export function refusalPage(service: OAuthClient['service'], title: string, detail: string) {
  return layout({ service, title }, html`<p>${detail}</p>`);
}
