/** Who somebody is: jobs and deliveries tell ids, and not everybody may read the list of users. */
import { words } from './format.js';
import { session } from './session.js';

/**
 * @param {{id: string, name: string}[]} users as far as they are known
 * @returns {(actor: {type: string, id: string, owner?: string}) => string} what to call an actor within a sentence
 */
export const whoIn = (users) => ({ type, id, owner }) => {
  const user = owner ?? id;
  const own = session.value.user;
  const known = own && user === own.id ? own : users.find((other) => other.id === user);
  if (type === 'apiToken') return known ? `a program of ${known.name}` : 'a program';
  if (type === 'user') return known?.name ?? 'somebody else';
  return type === 'system' ? 'the server itself' : words(type).toLowerCase();
};
