// The middle column. Rows are kept by id; nothing moves under the cursor: while somebody reads further down, or has
// just moved the pointer over the list, new rows wait behind a bar that says how many they are.

import { element } from './console.js';
import { paint } from './countdown.js';

const POINTER_RESTS_MS = 1500;

function rowOf(row) {
  const due = row.due === null ? null
    : element('span', { class: 'count', 'data-due': row.due, 'data-warn': row.warn || '' });
  const urgent = ['P0', 'P1'].includes(row.urgency);
  return element('div', { role: 'option', id: `row-${row.id}`, class: `line line-${row.menu}`, 'data-id': row.id, 'aria-selected': 'false' },
    element('p', { class: 'line-head' },
      element('span', { class: `kind kind-${row.menu}` }, row.kind),
      urgent ? element('span', { class: `tag tag-${row.urgency}` }, row.urgency) : null,
      row.reopened ? element('span', { class: 'tag tag-late' }, '重开') : null,
      element('b', { class: 'line-place' }, row.place),
      element('span', { class: 'line-number' }, row.number)),
    element('p', { class: 'line-text' },
      row.also ? element('span', { class: 'tag tag-warn' }, `另有 ${row.also} 户反映`) : null,
      row.voice ? element('span', { class: 'tag' }, '有语音') : null,
      `${row.category}${row.text ? ` · ${row.text}` : ''}`),
    element('p', { class: 'line-foot' },
      due ? element('span', { class: 'line-clock' }, `${row.clock} `, due) : element('span', { class: 'quiet' }, row.status),
      element('span', { class: 'line-who' }, row.worker || row.status),
      element('span', { class: 'line-estate quiet' }, row.estate)),
    row.thumb ? element('img', { class: 'line-thumb', src: row.thumb, alt: '', loading: 'lazy', width: 52, height: 52 }) : null);
}

export class OrderList {
  constructor(box, news, { select, more }) {
    this.box = box;
    this.news = news;
    this.select = select;
    this.more = more;
    this.shown = new Map();
    this.rows = [];
    this.held = null;
    this.selected = null;
    this.movedAt = 0;
    box.addEventListener('click', (event) => {
      const line = event.target.closest('.line');
      if (line) this.choose(Number(line.dataset.id));
    });
    box.addEventListener('pointermove', () => { this.movedAt = Date.now(); });
    box.addEventListener('pointerleave', () => { this.movedAt = 0; });
    news.addEventListener('click', () => this.release());
  }

  get isRead() {
    return this.box.scrollTop > 8 || Date.now() - this.movedAt < POINTER_RESTS_MS;
  }

  update(answer, { force = false } = {}) {
    const known = new Set(this.rows.map((row) => row.id));
    const fresh = answer.rows.filter((row) => !known.has(row.id));
    const orderChanged = fresh.length > 0 || answer.rows.length !== this.rows.length
      || answer.rows.some((row, place) => row.id !== this.rows[place].id);
    if (!force && orderChanged && this.rows.length > 0 && this.isRead) {
      this.held = answer;
      this.news.textContent = fresh.length ? `${fresh.length} 张新工单,点这里显示` : '列表顺序有变化,点这里更新';
      this.news.hidden = false;
      this.refreshInPlace(answer.rows);
      return;
    }
    this.draw(answer, fresh.length && this.rows.length ? new Set(fresh.map((row) => row.id)) : new Set());
  }

  retry() {
    if (this.held && !this.isRead) this.update(this.held, { force: true });
  }

  release() {
    const answer = this.held;
    this.box.scrollTop = 0;
    if (answer) this.update(answer, { force: true });
    this.box.focus();
  }

  refreshInPlace(rows) {
    const now = new Map(rows.map((row) => [row.id, row]));
    for (const [id, line] of this.shown) {
      const row = now.get(id);
      if (!row) line.classList.add('gone');
      else this.replaceIfChanged(row, line);
    }
    paint(this.box);
  }

  replaceIfChanged(row, line) {
    const signature = JSON.stringify({ ...row, thumb: Boolean(row.thumb) });
    if (line.signature === signature) return line;
    const made = rowOf(row);
    made.signature = signature;
    if (line.isConnected) line.replaceWith(made);
    this.shown.set(row.id, made);
    this.mark(made);
    return made;
  }

  draw(answer, arriving) {
    this.held = null;
    this.news.hidden = true;
    this.rows = answer.rows;
    const before = this.shown;
    this.shown = new Map();
    const lines = answer.rows.map((row) => {
      const line = this.replaceIfChanged(row, before.get(row.id) || element('div'));
      line.classList.toggle('arriving', arriving.has(row.id));
      line.classList.remove('gone');
      this.shown.set(row.id, line);
      return line;
    });
    this.box.replaceChildren(...lines, this.foot(answer));
    paint(this.box);
  }

  foot(answer) {
    if (answer.next_cursor) {
      return element('button', { type: 'button', class: 'more', onclick: () => this.more(answer.next_cursor) }, '再显示后面的');
    }
    if (answer.rows.length) return '';
    return element('div', { class: 'empty' }, element('p', {}, answer.empty || '这个队列现在没有工单'),
      element('p', { class: 'quiet' }, '居民从小程序、电话或前台报来的工单,3 秒内会自动出现在这里。'));
  }

  append(answer) {
    this.draw({ ...answer, rows: [...this.rows, ...answer.rows] }, new Set());
  }

  mark(line) {
    const chosen = Number(line.dataset.id) === this.selected;
    line.setAttribute('aria-selected', String(chosen));
    if (chosen) this.box.setAttribute('aria-activedescendant', line.id);
  }

  choose(id) {
    this.selected = id;
    for (const line of this.shown.values()) this.mark(line);
    this.shown.get(id)?.scrollIntoView({ block: 'nearest' });
    this.select(id);
  }

  step(by) {
    const ids = this.rows.map((row) => row.id);
    if (!ids.length) return;
    const place = ids.indexOf(this.selected);
    const next = place === -1 ? 0 : Math.min(ids.length - 1, Math.max(0, place + by));
    if (ids[next] !== this.selected) this.choose(ids[next]);
  }
}
