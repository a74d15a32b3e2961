/** Acting in another tenant, as a SUPER_ADMIN may for a reason. The session carries it. */
import { post } from './api.js';
import { go } from './router.js';
import { adopt } from './session.js';

// All tabs share the session. What another one shows belongs to the tenant before, and would now be sent to this one.
const tabs = new BroadcastChannel('event-manager:acting');
tabs.onmessage = () => location.reload();

/** Begins to act in a tenant; `enter` then goes to a page in it. */
export const askToAct = (tenant, reason) => post('/auth/act-as', { tenant, reason });

/** Acts in the operators’ own tenant again. */
export async function endActing() {
  enter(await post('/auth/act-as', { tenant: null }), '/tenants');
}

/** Takes over a session that acts in another tenant than before, at a page there. */
export function enter(session, path) {
  tabs.postMessage(null);
  go(path, { replace: true });
  adopt(session);
}
