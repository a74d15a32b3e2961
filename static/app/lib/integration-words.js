/** The services outside that the operator sets up, in words: what they are for, where, and how they fare. */
import { meanwhileOf, modeOf, services, states } from './circuit-words.js';

/** What each service is for, its sections in the configuration, and how it is tried, if deliveries go by it. */
const known = {
  email: {
    does: 'Invitations, links to judge, lost passwords and messages to many.', sections: ['email', 'email_second'],
    test: '/messages/test', action: 'integrations.test',
  },
  sms: {
    does: 'Links to judge by text message. What does not arrive goes by mail, if there is an address.',
    sections: ['sms'], test: '/messages/test-sms', action: 'integrations.test',
  },
  storage: {
    does: 'Backups and files that are kept elsewhere, too.', sections: ['storage', 'storage_second'],
    test: '/backups/storage-test', action: 'backups.manage',
  },
  virus_scan: {
    does: 'Every file that is uploaded, before anybody gets it.', sections: ['virus_scan'],
    test: '/integrations/virus-scan/test', action: 'integrations.test',
  },
  redis: {
    does: 'Events as they happen, for screens and programs that listen there. Nothing here waits for it.',
    sections: ['redis'], test: '/integrations/redis/test', action: 'integrations.test',
  },
  otlp: {
    does: 'Traces and logs, for an OpenTelemetry collector. Nothing here waits for it.', sections: ['otlp'],
  },
};

/** What is known of a service beforehand, with its name. */
export const aboutService = (service) => ({ name: services[service], ...known[service] });

/** Where in the configuration a service is set up: `[email]` and `[email_second]`. */
export const sectionsOf = (service) => known[service].sections.map((section) => `[${section}]`);

const off = { text: 'Off', tone: 'neutral', icon: 'ban', why: '' };

/**
 * How a service fares.
 * @param {{mode: string, targets: {key: string, circuit: object|null}[]}} integration
 * @returns {{text: string, tone: string, icon: string, why: string}}
 */
export function integrationState({ service, mode, targets }) {
  if (targets.length === 0) return off;
  if (mode === 'forcedOpen') {
    return { text: modeOf(mode), tone: 'danger', icon: 'ban', why: 'An operator has decided so.' };
  }
  const circuits = targets.map(({ circuit }) => circuit).filter(Boolean);
  if (circuits.length === 0) {
    return { text: 'On, not called yet', tone: 'neutral', icon: 'circle-question-mark', why: '' };
  }
  const open = circuits.filter(({ state }) => state === 'OPEN');
  if (open.length > 0 && mode !== 'enforce') {
    return {
      text: 'Failing', tone: 'warning', icon: 'triangle-alert',
      why: 'It failed too often. It is only watched so far, so it is called all the same.',
    };
  }
  if (open.length === targets.length) {
    return { ...states.OPEN, why: `It is left alone for a while. ${meanwhileOf(service)}` };
  }
  if (open.length > 0) {
    return {
      text: 'Works in part', tone: 'warning', icon: 'triangle-alert',
      why: 'What is not called for a while is made up for by the others.',
    };
  }
  if (circuits.some(({ state }) => state === 'HALF_OPEN')) return { ...states.HALF_OPEN, why: '' };
  const failing = circuits.every(isFailing);
  return failing ? { text: 'Failing', tone: 'warning', icon: 'triangle-alert', why: 'The last call failed.' }
    : { ...states.CLOSED, why: '' };
}

/** Whether the last call of a circuit failed. */
export const isFailing = ({ lastFailureTime, lastSuccessTime }) => Boolean(lastFailureTime)
  && (!lastSuccessTime || Date.parse(lastFailureTime) > Date.parse(lastSuccessTime));
