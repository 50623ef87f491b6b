// One running product and the people who watch it, as every corpus is given them.
import type { Embedded } from '../harness.ts';
import type { Witness } from './witness.ts';

export type Scene = { server: Embedded; witness: Witness };
