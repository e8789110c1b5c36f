/** Words for how a connection to a provider stands. */
import type { ConnectionView } from 'bff';

export type Fault = NonNullable<ConnectionView['fault']>['code'];
type Reason = NonNullable<ConnectionView['reason']>['code'];

const FAULTS: Record<Fault, (provider: string) => string> = {
  'provider-timeout': (provider) => `${provider} did not answer in time.`,
  'provider-unreachable': (provider) => `${provider} could not be reached.`,
  'provider-rate-limited': (provider) => `${provider} is limiting our requests just now.`,
  'provider-error': (provider) => `${provider} has a fault of its own just now.`,
  'provider-unexpected': (provider) => `${provider} gave an answer that cannot be used.`,
  'grant-doubtful': (provider) =>
    `${provider} refuses to renew the access. It may have been revoked there, or this service is set up wrongly; neither is proved yet.`,
  'refresh-under-way': () => 'The access is being renewed just now.',
  'scope-missing': (provider) => `${provider} says that the access covers too little to be checked.`,
};

/** Why a provider could not confirm a connection. */
export function explainFault(code: Fault, provider: string): string {
  return FAULTS[code](provider);
}

const REASONS: Record<Reason, (provider: string) => string> = {
  'never-connected': (provider) => `No account at ${provider} is connected.`,
  revoked: (provider) => `Access was revoked at ${provider}.`,
  expired: () => 'Access expired after three months without use.',
  unusable: (provider) => `${provider} no longer accepts the access that was granted.`,
};

/** Why a connection ended. */
export function explainReason(code: Reason, provider: string): string {
  return REASONS[code](provider);
}
