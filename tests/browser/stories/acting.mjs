// An operator acts in a tenant: for a reason, for everybody to see, and until it is ended.
import { create, dialog, fill, visit } from '../support/admin.mjs';
import { admin, setUp, signInToApi } from '../support/api.mjs';
import { look } from '../support/browser.mjs';
import { signInAtDesk } from '../support/people.mjs';
import { story } from '../support/story.mjs';

const noor = { name: 'Noor Haddad', email: 'noor@lantern.example', password: 'a light above the river' };
const sam = { name: 'Sam Okoye', email: 'sam@lantern.example', password: 'never in the wrong house' };

story('an operator makes a tenant, acts in it for a reason, and ends it', async ({ server, step, enter }) => {
  const api = await setUp(server);
  await api.post('/events', { name: 'Spring Song Night' });
  const operator = await enter({ expected: [403] });
  const { page } = operator;
  const banner = (of = page, tenant = 'Lantern Fair') => of.getByRole('complementary', { name: 'Acting' })
    .getByText(`You act in “${tenant}”`);
  const end = () => page.getByRole('button', { name: /^End acting/ }).click();

  await step('creating a tenant leads to its first administrator', async () => {
    await signInAtDesk(page, admin, { tenant: 'system', first: 'Users' });
    await visit(page, 'Tenants');
    await page.getByRole('button', { name: 'New tenant' }).click();
    await fill(dialog(page), { Name: 'Lantern Fair', 'Short name': 'lantern-fair' });
    await dialog(page).getByRole('button', { name: 'Create tenant' }).click();
    await page.getByRole('dialog', { name: 'First administrator of “Lantern Fair”' }).waitFor();
    await look(operator, 'tenant-first-admin');
    await dialog(page).getByRole('button', { name: 'Act in this tenant' }).click();
    await banner().waitFor();
    await page.getByText('Reason: To create its first administrator.').waitFor();
    await page.getByText('Nobody can sign in here yet').waitFor();
    await look(operator, 'acting-users-empty');
    await create(page, 'New administrator', { Name: noor.name, 'E-mail': noor.email, Password: noor.password },
      'Create user');
    await page.getByRole('row', { name: /Noor Haddad.*Admin/ }).waitFor();
  });

  await step('every page says so, on every tab, until it is ended', async () => {
    const other = await operator.context.newPage();
    await other.goto('./');
    await banner(other).waitFor();
    for (const name of ['Events', 'Contestants', 'Audit log']) {
      await visit(page, name);
      await banner().waitFor();
    }
    await page.getByRole('row', { name: /acting begun/i }).waitFor();
    await look(operator, 'acting-audit');
    await page.goto('#/account');
    await page.getByRole('heading', { level: 1, name: 'Account' }).waitFor();
    await page.getByText('system', { exact: true }).waitFor();
    await page.goto('judge');
    await banner().waitFor();
    await look(operator, 'acting-judge');
    await end();
    await page.getByRole('heading', { level: 1, name: 'Tenants' }).waitFor();
    await banner().waitFor({ state: 'detached' });
    await other.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Tenants' }).waitFor();
    await banner(other).waitFor({ state: 'detached' });
    await other.close();
  });

  await step('the new administrator signs in and reads who was there, and why', async () => {
    const person = await enter();
    await signInAtDesk(person.page, noor);
    await visit(person.page, 'Audit log');
    const begun = person.page.getByRole('row', { name: /acting begun.*Mara Lind/i });
    await begun.getByText('Details').click();
    await begun.getByText('To create its first administrator.').waitFor();
    await person.page.getByRole('row', { name: /acting ended/i }).waitFor();
  });

  await step('any tenant can be acted in, but not without a reason', async () => {
    await page.getByRole('button', { name: 'Act in Harbour Arts' }).click();
    await dialog(page).getByRole('button', { name: 'Act in this tenant' }).click();
    await dialog(page).getByText('Please say why.').waitFor();
    await fill(dialog(page), { Reason: 'Asked by Mara to look at the spring event. '.repeat(8) });
    await look(operator, 'tenant-act');
    await dialog(page).getByRole('button', { name: 'Act in this tenant' }).click();
    await page.getByRole('link', { name: 'Spring Song Night' }).waitFor();
    await banner(page, 'Harbour Arts').waitFor();
    await look(operator, 'acting-events');
    await end();
    await page.getByRole('heading', { level: 1, name: 'Tenants' }).waitFor();
  });

  await step('a session that ends takes it along; nothing meant for the tenant reaches the operators’', async () => {
    await page.getByRole('button', { name: 'Act in Lantern Fair' }).click();
    await fill(dialog(page), { Reason: 'One more account.' });
    await dialog(page).getByRole('button', { name: 'Act in this tenant' }).click();
    await banner().waitFor();
    await visit(page, 'Users');
    await page.getByRole('button', { name: 'New user' }).click();
    await dialog(page).getByLabel('Name', { exact: true }).fill(sam.name);
    await fill(dialog(page), { 'E-mail': sam.email, Password: sam.password });
    const system = await signInToApi(server.url, admin, 'system');
    await system.post(`/users/${(await system.get('/me')).user.id}/password`, { password: admin.password });
    await dialog(page).getByRole('button', { name: 'Create user' }).click();
    const again = page.getByRole('dialog', { name: 'Please sign in again' });
    await again.getByText('with it you act in “Lantern Fair” no more').waitFor();
    await look(operator, 'acting-session-ended');
    await again.getByLabel('Password').fill(admin.password);
    await again.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('row', { name: /Mara Lind.*Super admin/ }).waitFor();
    await banner().waitFor({ state: 'detached' });
    await page.reload();
    await page.getByRole('row', { name: /Mara Lind.*Super admin/ }).waitFor();
    await page.getByRole('row', { name: /Sam Okoye/ }).waitFor({ state: 'detached' });
  });
});
