/** Words for the links by which judges sign in, and what of them is printed. */
import { signal } from './view.js';
import { formatAgo, formatDateTime } from './format.js';

/** What stands for each state of a link: words, tone, icon. */
export const linkStates = {
  free: { label: 'Ready', tone: 'accent' },
  inUse: { label: 'In use', tone: 'success', icon: 'check' },
  blocked: { label: 'Blocked: wrong PINs', tone: 'danger', icon: 'lock' },
  expired: { label: 'Expired', tone: 'neutral' },
  revoked: { label: 'Revoked', tone: 'neutral', icon: 'ban' },
};

/** Whether a link can be released, or get a new PIN. */
export const isWorking = ({ state }) => ['free', 'inUse', 'blocked'].includes(state);

const systems = [
  [/iPad/, 'iPad'], [/iPhone/, 'iPhone'], [/Android/, 'Android'], [/CrOS/, 'Chromebook'], [/Windows/, 'Windows'],
  [/Mac OS X/, 'Mac'], [/Linux/, 'Linux'],
];
// Browsers name their ancestors, too: the first that fits is the one.
const browsers = [[/Edg\//, 'Edge'], [/Firefox\//, 'Firefox'], [/Chrome\//, 'Chrome'], [/Safari\//, 'Safari']];

/** A device by what its browser calls itself: `iPad, Safari`. */
export function deviceName(userAgent) {
  const found = (names) => names.find(([pattern]) => pattern.test(userAgent ?? ''))?.[1];
  return [found(systems), found(browsers)].filter(Boolean).join(', ') || 'Unknown device';
}

/** When and where a link was used last. */
export function lastUse({ lastUsedAt, device }) {
  if (!lastUsedAt) return 'Not used yet';
  const ago = formatAgo(lastUsedAt);
  return device ? `${deviceName(device.userAgent)}, ${ago}` : ago.charAt(0).toUpperCase() + ago.slice(1);
}

/** Until when a link works, for a sheet of paper. */
export const until = ({ expiresAt }) => formatDateTime(expiresAt);

/** Whether an address leads nowhere but to the computer that shows it. */
export function isLocal(url) {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.');
}

/** A QR code that the server has drawn, as the source of a picture. */
export const pictureOf = (svg) => `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;

/** The sheets that are being printed, each for one judge. */
export const sheets = signal([]);

/**
 * Prints invitations, one sheet each.
 * @param {{judgeName: string, qrSvg: string, pin: string, expiresAt: string}[]} invitations
 * @param {{event?: string, contest?: string}} frame what they are for
 */
export function printInvitations(invitations, frame = {}) {
  sheets.value = invitations.map((invitation) => ({ ...invitation, ...frame }));
}
