// Where the organisation wants it, a locked event is unlocked by two people.
import { admin, createUser, setUp } from '../support/api.mjs';
import { dialog, visit } from '../support/admin.mjs';
import { look } from '../support/browser.mjs';
import { prepare } from '../support/competition.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

const board = { name: 'Olga Feld', email: 'olga@example.org', password: 'seven chairs and a bell' };

story('one asks to unlock an event, and another one approves', async ({ server, step, enter }) => {
  const api = await setUp(server);
  const { event } = await prepare(api, { judges: [] });
  const asking = await enter({ expected: [422] });
  const deciding = await enter();

  await step('the setting is refused until there is a second person, and then saved', async () => {
    await signInAtDesk(asking.page, admin);
    await visit(asking.page, 'Settings');
    await asking.page.getByLabel('Two people unlock events and contests').check();
    await asking.page.getByRole('button', { name: 'Save', exact: true }).click();
    await asking.page.getByText('Needs a second account').waitFor();
    await createUser(api, board, 'BOARD');
    await asking.page.getByRole('button', { name: 'Save', exact: true }).click();
    await asking.page.getByText('Settings saved.').waitFor();
    await look(asking, 'settings');
  });

  await step('an event that is locked can only be asked for', async () => {
    await api.post(`/events/${event.id}/lock`);
    await asking.page.goto(`#/events/${event.id}`);
    await asking.page.getByRole('button', { name: 'Ask to unlock' }).click();
    await dialog(asking.page).getByLabel('Reason').fill('A name is wrong');
    await dialog(asking.page).getByRole('button', { name: 'Ask', exact: true }).click();
    await asking.page.getByText('You have asked to unlock this event').waitFor();
    await look(asking, 'unlock-asked');
  });

  await step('somebody of the board approves, and whoever asked sees it', async () => {
    await signInAtDesk(deciding.page, board);
    await deciding.page.goto(`#/events/${event.id}`);
    await deciding.page.getByText(`${admin.name} asks to unlock this event`).waitFor();
    await look(deciding, 'unlock-to-decide');
    await deciding.page.getByRole('button', { name: 'Approve and unlock' }).click();
    await deciding.page.getByText('The event is unlocked.').waitFor();
    await asking.page.getByText('You have asked to unlock this event').waitFor({ state: 'detached' });
    await asking.page.getByRole('button', { name: 'Edit', exact: true }).waitFor();
  });
});
