/** Whether dist/ holds this half, made from the sources as they are now. */
export const isHalfBuilt: (root: string, half: 'server' | 'web') => boolean;
