// Without a mouse: everything is reached with Tab, used with Enter and Space, and left with Escape.
import assert from 'node:assert/strict';
import { admin, setUp } from '../support/api.mjs';
import { story } from '../support/story.mjs';

story('an organiser works with the keyboard alone', async ({ server, step, enter }) => {
  const api = await setUp(server);
  await api.post('/events', { name: 'Spring Song Night' });
  const { page } = await enter();
  const { keyboard } = page;

  /** Presses Tab until the control with this name has the focus, which must be seen. */
  async function tabTo(name, key = 'Tab') {
    const passed = [];
    for (let presses = 0; presses < 60; presses += 1) {
      await keyboard.press(key);
      const focus = await focused(page);
      if (focus.name === name) {
        assert.ok(focus.outlined, `the focus on “${name}” is not seen`);
        return;
      }
      passed.push(focus.name);
    }
    assert.fail(`“${name}” is not reached; passed ${passed.join(' | ')}`);
  }
  const press = async (name) => {
    await tabTo(name);
    await keyboard.press('Enter');
  };
  const heading = (name) => page.getByRole('heading', { level: 1, name }).waitFor();

  await step('signing in', async () => {
    await page.goto('./');
    await heading('Sign in');
    await tabTo('E-mail');
    await keyboard.type(admin.email);
    await tabTo('Password');
    await keyboard.type(admin.password);
    await keyboard.press('Enter');
    await heading('Events');
  });

  await step('the link to the content comes first', async () => {
    await page.reload();
    await heading('Events');
    await keyboard.press('Tab');
    assert.equal((await focused(page)).name, 'Skip to content');
    await keyboard.press('Enter');
    await press('New event');
    await page.getByRole('dialog', { name: 'New event' }).waitFor();
    await keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    assert.equal((await focused(page)).name, 'New event', 'the focus returns to where it was');
  });

  await step('opening an event and creating a contest', async () => {
    await press('Spring Song Night');
    await page.locator('h1:focus', { hasText: 'Spring Song Night' }).waitFor();
    await press('New contest');
    await page.getByRole('dialog', { name: 'New contest' }).waitFor();
    assert.equal((await focused(page)).name, 'Name');
    await keyboard.type('Solo');
    await keyboard.press('Enter');
    await heading('Solo');
  });

  await step('deleting it with a reason', async () => {
    await tabTo('More actions for this contest');
    await keyboard.press('Space');
    await press('Delete contest');
    await page.getByRole('dialog', { name: 'Delete “Solo”?' }).waitFor();
    assert.equal((await focused(page)).name, 'Reason');
    await keyboard.type('Created twice');
    await press('Delete contest');
    await page.getByText('No contests yet').waitFor();
  });

  await step('restoring it from the trash', async () => {
    await tabTo('Trash', 'Shift+Tab');
    await keyboard.press('Enter');
    await heading('Trash');
    await press('Restore Solo');
    await page.getByText('The trash is empty').waitFor();
    await tabTo('Events', 'Shift+Tab');
    await keyboard.press('Enter');
    await press('Spring Song Night');
    await press('Solo');
    await heading('Solo');
  });

  await step('changing the order of entries; the focus stays on what moves', async () => {
    const { items: [event] } = await api.get('/events');
    const { items: [contest] } = await api.get(`/events/${event.id}/contests`);
    for (const name of ['Ada', 'Ben', 'Cleo']) {
      const { id: contestantId } = await api.post('/contestants', { name });
      await api.post(`/contests/${contest.id}/entries`, { contestantId });
    }
    await press('Entries');
    await page.getByRole('row', { name: /Cleo/ }).waitFor();
    await press('Change order');
    await page.getByRole('dialog', { name: 'Change order' }).waitFor();
    await tabTo('Move down: 1 · Ada');
    await keyboard.press('Enter');
    assert.equal((await focused(page)).name, 'Move down: 1 · Ada');
    await keyboard.press('Enter');
    assert.equal((await focused(page)).name, 'Move up: 1 · Ada', 'it is the last now');
    await press('Save order');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await page.getByRole('row').nth(3).getByText('Ada').waitFor();
  });
});

/** What has the focus: its name as assistive technology has it, and whether one sees that it has the focus. */
function focused(page) {
  return page.evaluate(() => {
    const element = document.activeElement;
    const labelled = element.labels?.[0]?.childNodes[0]?.textContent;
    const name = element.ariaLabel ?? labelled ?? element.innerText ?? '';
    // A card shows the focus of the link that covers it.
    const shown = element.matches('.card-link') ? element.closest('li') : element;
    const { outlineStyle, outlineWidth } = getComputedStyle(shown);
    return {
      name: name.replace(/\s+/g, ' ').trim(),
      outlined: outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2,
    };
  });
}
