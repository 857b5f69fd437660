// The talk as it is seen: guilds, channels, members, messages, and the line to write on.
import {el, reconcile, setText} from './dom.js';
import {rowsOf} from './rows.js';

const find = (id) => document.getElementById(id);
const clock = new Intl.DateTimeFormat(undefined, {hour: '2-digit', minute: '2-digit'});
const full = new Intl.DateTimeFormat(undefined, {dateStyle: 'full', timeStyle: 'medium'});

export class ChatView {
  #chat;
  #act;
  #shown = null;

  /** `act` is what the person may do: open, leave, retry, discard, loadBefore, loadMembers. */
  constructor(chat, act) {
    this.#chat = chat;
    this.#act = act;
    find('log').addEventListener('scroll', () => this.#offerNewest(), {passive: true});
    find('newest').addEventListener('click', () => this.#toEnd());
    find('more-members').addEventListener('click', () => act.loadMembers());
  }

  draw(open) {
    const guild = this.#chat.guilds.get(open) ?? null;
    const channel = guild?.channels.get(guild.open) ?? null;
    this.#drawGuilds(open);
    this.#drawMembers(guild);
    this.#drawHead(guild, channel);
    this.#drawMessages(guild, channel);
    this.#drawTitle(guild);
  }

  #drawGuilds(open) {
    const guilds = [...this.#chat.guilds.values()];
    find('no-guilds').hidden = guilds.length > 0;
    reconcile(find('guilds'), guilds, {
      key: (guild) => guild.id,
      create: (guild) => this.#createGuild(guild),
      update: (node, guild) => this.#updateGuild(node, guild, guild.id === open),
    });
  }

  #createGuild(guild) {
    return el(
      'li',
      {class: 'guild', 'data-guild': guild.id},
      el(
        'div',
        {class: 'guild-head'},
        el(
          'button',
          {
            type: 'button',
            class: 'guild-name',
            on: {click: () => this.#act.open(guild.id, guild.open)},
          },
          el('span', {class: 'label'}, guild.id),
          el('span', {class: 'unread', hidden: true}),
        ),
        el(
          'button',
          {
            type: 'button',
            class: 'quiet leave',
            'aria-label': `Leave ${guild.id}`,
            title: `Leave ${guild.id}`,
            on: {click: () => this.#act.leave(guild.id)},
          },
          '×',
        ),
      ),
      el('ul', {class: 'channels', 'aria-label': `Channels of ${guild.id}`}),
    );
  }

  #updateGuild(node, guild, isOpen) {
    const channels = [...guild.channels.values()].sort((a, b) => a.name.localeCompare(b.name));
    const [name, count] = node.querySelector('.guild-name').children;
    node.classList.toggle('open', isOpen);
    node.dataset.state = guild.state;
    if (isOpen) name.parentElement.setAttribute('aria-current', 'true');
    else name.parentElement.removeAttribute('aria-current');
    setUnread(count, isOpen ? 0 : unreadOf(guild));
    reconcile(node.querySelector('.channels'), isOpen ? channels : [], {
      key: (channel) => channel.name,
      create: (channel) =>
        el(
          'li',
          {},
          el(
            'button',
            {
              type: 'button',
              class: 'channel',
              'data-channel': channel.name,
              on: {click: () => this.#act.open(guild.id, channel.name)},
            },
            el('span', {class: 'label'}, channel.name),
            el('span', {class: 'unread', hidden: true}),
          ),
        ),
      update: (item, channel) => {
        const button = item.firstChild;
        button.classList.toggle('gone', channel.gone);
        button.setAttribute('aria-current', String(channel.name === guild.open));
        setUnread(button.lastChild, channel.unread);
      },
    });
  }

  #drawMembers(guild) {
    const users = guild ? [...guild.users].sort((a, b) => a.localeCompare(b)) : [];
    find('members-section').hidden = guild === null;
    setText(find('member-count'), guild ? String(guild.total) : '');
    reconcile(find('members'), users, {
      key: (user) => user,
      create: (user) =>
        el(
          'li',
          {'data-user': user},
          face(user),
          el('span', {class: 'label'}, user),
          user === this.#chat.user ? el('span', {class: 'you'}, 'you') : null,
        ),
    });
    find('more-members').hidden = guild === null || users.length >= guild.total;
  }

  #drawHead(guild, channel) {
    const words = {
      joined: guild?.node
        ? `lives on ${guild.node} · ${guild.total} ${guild.total === 1 ? 'member' : 'members'}`
        : '',
      joining: this.#chat.online
        ? 'joining …'
        : 'not connected at the moment; what you write waits',
      unavailable: 'is moving to another node; what you write waits for it',
    };
    find('conversation').hidden = guild === null;
    find('nowhere').hidden = guild !== null;
    setText(find('where-guild'), guild?.id ?? '');
    setText(find('where-channel'), guild?.open ?? '');
    setText(find('where-about'), guild ? words[guild.state] : '');
    find('where-about').dataset.state = this.#chat.online ? (guild?.state ?? '') : 'unavailable';
    find('message').setAttribute(
      'placeholder',
      guild ? `Write to ${channel?.name ?? guild.open}` : '',
    );
  }

  #drawMessages(guild, channel) {
    const log = find('log');
    const place = guild ? `${guild.id}/${guild.open}` : null;
    const moved = place !== this.#shown;
    const atEnd = moved || isAtEnd(log);
    // Rows that were there before must not be read out again when one only looks at another
    // channel.
    if (moved) log.setAttribute('aria-live', 'off');
    const rows = channel ? rowsOf(channel, this.#chat.user) : [];
    reconcile(find('messages'), rows, {
      key: (row) => `${place}/${row.key}`,
      create: (row) => this.#createRow(row, guild, channel),
      update: (node, row) => updateRow(node, row),
    });
    find('quiet').hidden = guild === null || guild.state === 'joining' || rows.length > 0;
    this.#shown = place;
    if (atEnd) log.scrollTop = log.scrollHeight;
    if (moved) setTimeout(() => log.setAttribute('aria-live', 'polite'), 50);
    this.#offerNewest();
  }

  #createRow(row, guild, channel) {
    if (row.kind === 'gap') {
      return el(
        'li',
        {class: 'gap'},
        el('button', {
          type: 'button',
          class: 'soft',
          on: {click: () => this.#act.loadBefore(guild, channel, row.seq)},
        }),
      );
    }
    if (row.kind === 'rule') {
      const attributes = {class: 'rule', 'data-rule': row.rule, 'data-why': row.why};
      return el('li', attributes, el('span', {}, row.text));
    }
    const text = el('p', {class: 'text'}, row.text);
    const item = el(
      'li',
      {class: 'message', 'data-user': row.user, 'data-seq': row.seq},
      face(row.user),
      el('div', {class: 'by'}, el('strong', {}, row.user), when(row.at)),
      text,
    );
    if (row.kind === 'pending') {
      item.append(
        el(
          'div',
          {class: 'fate'},
          el('span', {class: 'reason'}),
          el(
            'button',
            {
              type: 'button',
              class: 'soft retry',
              'data-testid': 'retry',
              on: {click: () => this.#act.retry(guild, channel, row.entry)},
            },
            'Send again',
          ),
          el(
            'button',
            {
              type: 'button',
              class: 'soft discard',
              on: {click: () => this.#act.discard(channel, row.entry)},
            },
            'Discard',
          ),
        ),
      );
    }
    return item;
  }

  #drawTitle(guild) {
    const unread = [...this.#chat.guilds.values()].reduce((sum, each) => sum + unreadOf(each), 0);
    const name = guild ? `${guild.id} · Troupe` : 'Troupe';
    const title = unread > 0 ? `(${unread}) ${name}` : name;
    if (document.title !== title) document.title = title;
    setUnread(find('tab-unread'), unread);
  }

  #offerNewest() {
    find('newest').hidden = isAtEnd(find('log'));
  }

  #toEnd() {
    find('log').scrollTop = find('log').scrollHeight;
  }
}

// A message that comes back from the guild keeps the row it had while it was on its way.
function updateRow(node, row) {
  if (row.kind === 'gap') {
    const words = `Load earlier messages (${row.count.toLocaleString()} not shown)`;
    setText(node.firstChild, row.loading ? 'Loading …' : words);
    node.firstChild.disabled = row.loading;
    return;
  }
  if (row.kind === 'rule') return;
  node.classList.toggle('follows', row.follows);
  if (row.kind === 'pending') {
    const words = {
      waiting: 'waiting for the guild',
      sending: 'sending',
      ok: 'sent',
      failed: row.entry.reason,
    };
    node.dataset.status = row.entry.status;
    setText(node.querySelector('.reason'), words[row.entry.status]);
  } else if (node.dataset.status) {
    delete node.dataset.status;
    node.dataset.seq = row.seq;
    node.querySelector('.fate').remove();
    node.querySelector('time').replaceWith(when(row.at));
  }
}

function when(at) {
  const date = new Date(at);
  return el('time', {datetime: date.toISOString(), title: full.format(date)}, clock.format(date));
}

function face(user) {
  const hue = [...user].reduce((sum, sign) => (sum * 31 + sign.codePointAt(0)) % 360, 7);
  const node = el(
    'span',
    {class: 'face', 'aria-hidden': 'true'},
    [...user][0]?.toUpperCase() ?? '?',
  );
  node.style.setProperty('--hue', hue);
  return node;
}

function setUnread(node, count) {
  node.hidden = count === 0;
  setText(node, count === 0 ? '' : count > 99 ? '99+' : String(count));
  node.setAttribute('aria-label', `${count} unread`);
}

function unreadOf(guild) {
  return [...guild.channels.values()].reduce((sum, channel) => sum + channel.unread, 0);
}

function isAtEnd(log) {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 60;
}
