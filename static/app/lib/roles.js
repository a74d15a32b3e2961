/** The roles that can be given, in words. */
import { operators } from './session.js';

const inTenant = [
  ['ADMIN', 'runs the organisation, users included'],
  ['ORGANIZER', 'sets up and runs events'],
  ['TALLY_MASTER', 'watches over sheets and totals'],
  ['AUDITOR', 'verifies results'],
  ['BOARD', 'approves results'],
  ['JUDGE', 'scores'],
  ['EMCEE', 'announces'],
  ['CONTESTANT', 'takes part'],
];
const amongOperators = [['SUPER_ADMIN', 'runs the server and its tenants']];

/** The roles that can be given in the present tenant, each with what it does. */
export function roles() {
  return operators.value ? amongOperators : inTenant;
}

/** Whether a role cannot be limited to an event or contest. */
export const isTenantWide = (role) => role === 'ADMIN' || role === 'SUPER_ADMIN';

/** The grant to begin with: the role as far as it can be given here, for everything. */
export function newGrant(role) {
  const [first] = roles();
  return { role: roles().some(([known]) => known === role) ? role : first[0], scope: { type: 'tenant' } };
}
