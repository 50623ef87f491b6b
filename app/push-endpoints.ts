// Which addresses browsers may subscribe with: those of push services, which speak TLS and are public. Hosts that an
// operator has opened (OUTBOUND_ALLOW) are believed without it, for tests and inner services.
import { parseAllowed } from '../ports/outbound/allowed.ts';
import type { Outbound } from '../ports/outbound/port.ts';
import { type Refusal, refuse } from '../schemas/refusal.ts';
import type { Config } from './config.ts';

const httpPort = 80;

export const endpointRule = (
  { outboundAllow }: Pick<Config, 'outboundAllow'>,
  outbound: Pick<Outbound, 'check'>,
): ((endpoint: string) => Refusal | null) => {
  const allowed = parseAllowed(outboundAllow);
  return (endpoint) => {
    const refused = outbound.check(endpoint);
    if (refused)
      return refuse('invalid_input', `This is not the address of a push service. ${refused.detail}`);
    const { protocol, hostname, port } = new URL(endpoint);
    const at = Number(port) || httpPort;
    const isOpened = allowed.name(hostname, at) || allowed.address(hostname, at);
    if (protocol === 'https:' || isOpened) return null;
    return refuse('invalid_input', 'The address of a push service begins with https.');
  };
};
