/** Whether something can change: it cannot while it, or what it lies in, is locked or archived. */

/**
 * @param {...([string, object|undefined])} chain kind and resource, the outermost first; what is not loaded yet
 * counts as open
 * @returns {{kind: string, name: string, state: 'locked'|'archived', itself: boolean}|null} what keeps the last of
 * the chain from changing, or null
 */
export function freezer(...chain) {
  for (const [index, [kind, resource]] of chain.entries()) {
    const state = resource?.lockedAt ? 'locked' : resource?.archivedAt ? 'archived' : null;
    if (state) return { kind, name: resource.name, state, itself: index === chain.length - 1 };
  }
  return null;
}
