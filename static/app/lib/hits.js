/** Where what a search has found is shown. People have no pages of their own; their lists show them alone. */

const addresses = {
  event: (id) => `/events/${id}`,
  contest: (id) => `/contests/${id}`,
  category: (id) => `/categories/${id}`,
  contestant: (id) => `/contestants?id=${id}`,
  judge: (id) => `/judges?id=${id}`,
  user: (id) => `/users?id=${id}`,
};

/** @param {{type: string, id: string}} hit */
export const addressOfHit = ({ type, id }) => addresses[type](id);
