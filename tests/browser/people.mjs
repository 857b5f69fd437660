// People in front of a browser: what they do and what they see, in the words of the page.
import {join} from 'node:path';
import {mkdtemp} from 'node:fs/promises';
import {chromium} from 'playwright-core';

const patienceMs = 20_000;

export const desktop = {width: 1280, height: 800};
export const phone = {width: 390, height: 844};

/**
 * A browser with an empty profile inside `folder`; several people share it, each with storage of
 * their own.
 */
export async function openBrowser(folder) {
  const profile = await mkdtemp(join(folder, 'profile-'));
  return chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    headless: true,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

export class Person {
  constructor(page, name) {
    this.page = page;
    this.name = name;
    this.troubles = [];
    page.setDefaultTimeout(patienceMs);
    page.on('pageerror', (error) => this.troubles.push(String(error)));
    page.on('dialog', (dialog) => {
      this.troubles.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
  }

  /** Opens the page of `address`, gives the name, and enters the guild. */
  static async enter(browser, {name, address, guild, size = desktop}) {
    const person = new Person(await browser.newPage(), name);
    await person.page.setViewportSize(size);
    await person.page.goto(`http://${address}/`);
    await person.see('name-input').fill(name);
    await person.see('start-guild-input').fill(guild);
    await person.see('start-button').click();
    return person;
  }

  see(testId) {
    return this.page.getByTestId(testId);
  }

  /**
   * Resolves with the name of the node when the page says that it is connected to one of `nodes`.
   */
  async connectedTo(nodes) {
    const words = new RegExp(`^connected to (${nodes.join('|')})$`);
    await this.see('status').filter({hasText: words}).waitFor();
    return words.exec((await this.see('status').innerText()).trim())[1];
  }

  /** Resolves with the name of the node that the open guild lives on, when it is one of `nodes`. */
  async guildLivesOn(nodes) {
    const words = new RegExp(`lives on (${nodes.join('|')})\\b`);
    await this.see('about').filter({hasText: words}).waitFor();
    return words.exec(await this.see('about').innerText())[1];
  }

  async say(text) {
    await this.see('message-input').fill(text);
    await this.see('message-input').press('Enter');
  }

  /** Waits for a message that came from the guild, which is one with a number. */
  async hears(user, text) {
    const row = this.see('messages').locator(`li.message[data-user="${user}"]:not([data-status])`);
    await row
      .filter({has: this.page.getByText(text, {exact: true})})
      .first()
      .waitFor();
  }

  /** The card of a node in the picture of the cluster. */
  card(node) {
    return this.page.locator(`[data-testid=node-card][data-node=${node}]`);
  }

  /** The line of a channel in the supervision tree of a node, below its guild. */
  inTree(node, guild, channel) {
    const head = this.page.locator(`> details > summary [data-name="${guild}"]`);
    return this.card(node).locator('li', {has: head}).last().locator(`[data-name="${channel}"]`);
  }

  /** The numbers of the messages of the open channel, top to bottom. */
  async numbers() {
    const rows = this.see('messages').locator('li.message:not([data-status])');
    return rows.evaluateAll((all) => all.map((row) => row.dataset.seq));
  }

  async picture(name) {
    if (process.env.SCREENSHOTS)
      await this.page.screenshot({path: join(process.env.SCREENSHOTS, `${name}.png`)});
  }
}
