import type { Place } from '../place.ts';
import type { Person } from '../state.ts';

/** A person as other objects carry them. */
export function userOf(place: Place, person: Person) {
  const { api, bitbucket } = place.origins;
  const id = encodeURIComponent(person.id);
  return {
    type: 'user',
    uuid: person.id,
    account_id: person.accountId,
    nickname: person.nickname,
    display_name: person.name,
    links: {
      self: { href: `${api}/2.0/users/${id}` },
      avatar: { href: `${bitbucket}/sandbox/avatars/${id}.svg` },
      html: { href: `${bitbucket}/${id}/` },
    },
  };
}

/** A person as `/2.0/user` shows them to themselves; addresses are not part of it. */
export function selfOf(place: Place, person: Person) {
  return {
    ...userOf(place, person),
    created_on: person.createdOn,
    account_status: 'active',
    is_staff: false,
    has_2fa_enabled: null,
    location: null,
  };
}
