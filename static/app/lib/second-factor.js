/** Signing in with an authenticator app. */

/** The field for what the app shows, or a recovery code in its place. */
export const codeField = {
  name: 'totp', label: 'Code', type: 'code', required: true,
  hint: 'Six digits from your authenticator app, or one of your recovery codes.',
};

/** Whether the server says that the password is right and a code is needed, or that the code was not right. */
export const asksForCode = ({ code }) => code === 'totp_required' || code === 'totp_wrong';

/** The error to be shown: that a code is needed is none. */
export const shownError = (error) => (error?.code === 'totp_required' ? null : error);
