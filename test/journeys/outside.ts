// What the product may ask outside of itself in a journey: everything on one address of this machine that the operator has
// allowed. Whatever listens on another one is inside, and must not be connected to.
import type { Target } from '../harness.ts';
import type { ProductProcess } from '../harness-process.ts';

export const outsideHost = '127.0.0.2';

export const outsideEnv = { LINK_PREVIEWS: 'on', OUTBOUND_ALLOW: outsideHost };

/** `teller`: the process in which webhooks are told. */
export type Outgoing = Target & { teller: ProductProcess };
