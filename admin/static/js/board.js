// The live board: polls a small number every two seconds, reads the list only when it changed, rings for what is new.

import { command, element, read, readJson, toast } from './console.js';
import { duration, paint, serverNow, setServerNow } from './countdown.js';
import { OrderActions } from './order_actions.js';
import { OrderList } from './order_list.js';
import { isBlocked, ring, unblock } from './sound.js';

const REFRESH_ALL_MS = 60_000;
const PRESENT_FOR_MS = 60_000;
const WARN_BEFORE_IDLE_MS = 5 * 60_000;
const byId = (id) => document.getElementById(id);
const board = document.querySelector('.board');
const panel = byId('panel');
const state = {
  queue: document.querySelector('[data-queue]').dataset.queue, version: null, seen: null, readAt: 0, busy: false,
  inputAt: Date.now(), p0: null, passed: new Set(), opening: null, finding: false, lost: false, rangIdleAt: 0,
};
const mayAccept = board.dataset.accepts === '1';

const list = new OrderList(byId('rows'), byId('news'), { select: openOrder, more: readMore });
const actions = new OrderActions(panel, {
  dialog: byId('ask'), viewer: byId('viewer'),
  changed: async (id) => {
    await readList({ force: true, reopen: false });
    if (id ?? list.selected) await openOrder(id ?? list.selected);
  },
});

const present = () => (Date.now() - state.inputAt < PRESENT_FOR_MS ? { 'X-Person-Present': '1' } : {});
for (const kind of ['keydown', 'pointerdown', 'pointermove']) {
  document.addEventListener(kind, () => { state.inputAt = Date.now(); }, { passive: true });
}

// ---- reading

async function poll() {
  if (state.busy || state.lost) return;
  state.busy = true;
  try {
    const answer = await readJson('/admin/board/data/version', present());
    setServerNow(answer.now);
    tellConnected();
    tellIdle(answer.idle_ends);
    if (answer.version !== state.version || Date.now() - state.readAt > REFRESH_ALL_MS) await readList();
    else list.retry();
    if (!byId('p0').hidden) ring('P0');
  } catch (refusal) {
    tellLost(refusal);
  }
  state.busy = false;
}

async function readList({ force = false, reopen = true } = {}) {
  const answer = await readJson(`/admin/board/data/list?queue=${state.queue}`, present());
  setServerNow(answer.now);
  state.version = answer.version;
  state.readAt = Date.now();
  drawQueues(answer.queues);
  if (!state.finding) list.update(answer, { force });
  announce(answer.waiting);
  const row = answer.rows.find((each) => each.id === list.selected);
  const shown = actions.order;
  if (reopen && row && shown && Number(shown.dataset.order) === row.id && Number(shown.dataset.version) !== row.version
      && !byId('ask').open) await openOrder(row.id);
  if (list.selected === null && answer.rows.length && !state.finding) list.choose(answer.rows[0].id);
}

async function readMore(cursor) {
  list.append(await readJson(`/admin/board/data/list?queue=${state.queue}&cursor=${encodeURIComponent(cursor)}`, present()));
}

function openOrder(id) {
  list.selected = id;
  state.opening = drawOrder(id);
  return state.opening;
}

async function drawOrder(id) {
  try {
    const page = await (await read(`/admin/board/data/orders/${id}`, present())).text();
    if (list.selected !== id) return;
    const same = actions.order && Number(actions.order.dataset.order) === id;
    const place = same ? panel.scrollTop : 0;
    const dispatching = same && actions.order.classList.contains('dispatching');
    const heard = same ? playing() : null;
    panel.replaceChildren(document.createRange().createContextualFragment(page));
    if (heard) panel.querySelector(`audio[data-voice="${heard.dataset.voice}"]`)?.replaceWith(heard);
    paint(panel);
    panel.scrollTop = place;
    if (dispatching && actions.candidates().length) actions.dispatch();
  } catch (refusal) {
    panel.replaceChildren(element('div', { class: 'empty' }, element('p', {}, refusal.message)));
  }
}

// A dispatcher accepts while listening: the player that speaks is carried over into the new panel and speaks on.
function playing() {
  return [...panel.querySelectorAll('audio[data-voice]')].find((each) => !each.paused && !each.ended) || null;
}

// ---- telling

function drawQueues(queues) {
  for (const queue of queues) {
    const button = document.querySelector(`[data-queue="${queue.key}"]`);
    if (!button) continue;
    button.querySelector('b').textContent = queue.count;
    button.toggleAttribute('aria-current', queue.key === state.queue && !state.finding);
    button.classList.toggle('has', queue.count > 0 && ['unaccepted', 'hotline'].includes(queue.key));
  }
}

function announce(waiting) {
  const before = state.seen;
  const fresh = before ? waiting.filter((order) => !before.has(order.id)) : [];
  state.seen = new Set([...(before || []), ...waiting.map((order) => order.id)]);
  const p0 = waiting.filter((order) => order.urgency === 'P0' && !state.passed.has(order.id));
  document.title = `${p0.length ? '【紧急】' : ''}${waiting.length ? `(${waiting.length}) ` : ''}工单看板 · 安居`;
  if (fresh.length) {
    byId('announce').textContent = `${fresh.length} 张新工单:${fresh.map((order) => `${order.kind},${order.place}`).join(';')}`;
    const kinds = new Set(fresh.map((order) => (order.urgency === 'P0' ? 'P0' : order.menu)));
    [...kinds].forEach((kind, place) => setTimeout(() => ring(kind), place * 1200));
    const elsewhere = state.finding || !['open', 'unaccepted', 'hotline'].includes(state.queue);
    if (elsewhere) toast(`${fresh.length} 张新工单:${fresh[0].place}`, 'ok', 8);
  }
  tellSound();
  if (mayAccept) showP0(p0);
}

function showP0(orders) {
  const box = byId('p0');
  const [first] = orders;
  if (!first) { box.hidden = true; state.p0 = null; return; }
  const isNew = state.p0?.id !== first.id;
  state.p0 = first;
  byId('p0-title').textContent = `${first.place} · ${first.estate}`;
  byId('p0-text').textContent = `${first.matter} · ${first.number} 还没有人接单`;
  byId('p0-more').textContent = orders.length > 1 ? `后面还有 ${orders.length - 1} 张 P0` : '';
  box.hidden = false;
  if (isNew) byId('p0-take').focus();
}

async function takeP0() {
  const order = state.p0;
  const button = byId('p0-take');
  button.disabled = true;
  if (board.dataset.role === 'HOT') {
    state.passed.add(order.id);
    byId('p0').hidden = true;
    await openOrder(order.id);
    actions.button('accept')?.click();
  } else {
    try {
      await command(`/admin/order-commands/${order.id}/accept`);
      toast(`${order.number} 已由您接单,请马上派人`);
    } catch (refusal) {
      state.passed.add(order.id);
      toast(`${order.number}:${refusal.message}`, 'late', 10);
    }
    byId('p0').hidden = true;
    await readList({ force: true }).catch(tellLost);
    list.choose(order.id);
  }
  button.disabled = false;
}

function tellConnected() {
  const place = byId('link-state');
  if (place.classList.contains('lost')) toast('网络已恢复');
  place.classList.remove('lost');
}

function tellIdle(idleEnds) {
  const left = idleEnds - serverNow();
  const place = byId('link-state');
  if (left > WARN_BEFORE_IDLE_MS) { if (!place.classList.contains('lost')) place.textContent = ''; return; }
  place.textContent = `还在值班吗?${duration(left)}后自动退出,动一下鼠标或按任意键就能继续`;
  place.classList.add('warn');
  if (Date.now() - state.rangIdleAt > 60_000) { state.rangIdleAt = Date.now(); ring('APT'); }
}

function tellLost(refusal) {
  const place = byId('link-state');
  place.classList.add('lost');
  if (refusal.status === 401) {
    state.lost = true;
    place.replaceChildren('已自动退出,新工单不再提醒。', element('a', { href: `/admin/sign-in?next=${location.pathname}` }, '重新登录'));
    ring('EMG');
    return;
  }
  place.textContent = refusal.status === 0 ? '网络断了,正在重试,列表可能不是最新' : refusal.message || '正在重试';
}

function tellSound() {
  const button = byId('sound');
  const blocked = isBlocked();
  button.classList.toggle('blocked', blocked);
  button.textContent = blocked ? '浏览器没放声音,点这里打开' : '试听提示音';
}

// ---- by hand

byId('sound').addEventListener('click', () => {
  unblock();
  setTimeout(() => { tellSound(); if (!ring('EMG')) toast('浏览器不允许放声音,请在地址栏的网站设置里允许', 'late'); }, 150);
});
document.addEventListener('pointerdown', () => { if (isBlocked()) { unblock(); setTimeout(tellSound, 300); } });
document.addEventListener('keydown', () => { if (isBlocked()) { unblock(); setTimeout(tellSound, 300); } });
byId('p0-take').addEventListener('click', takeP0);
byId('help-open').addEventListener('click', () => byId('help').showModal());
byId('queues').addEventListener('click', (event) => {
  const button = event.target.closest('[data-queue]');
  if (!button) return;
  state.queue = button.dataset.queue;
  state.finding = false;
  list.selected = null;
  readList({ force: true }).catch(tellLost);
});
byId('find').addEventListener('submit', async (event) => {
  event.preventDefault();
  const wanted = byId('find-number').value.trim();
  if (!wanted) return;
  try {
    const answer = await command('/admin/board/data/find', { q: wanted });
    state.finding = true;
    drawQueues(answer.queues);
    list.update({ ...answer, empty: `没有找到“${wanted}”。编号要写完整,如 R1121-0042` }, { force: true });
    byId('find-number').blur();
    if (answer.rows.length) list.choose(answer.rows[0].id);
  } catch (refusal) {
    toast(refusal.message, 'late');
  }
});

const KEYS = {
  j: () => list.step(1),
  k: () => list.step(-1),
  a: () => press('accept', '这张工单现在不用接单'),
  d: () => press('assign', '这张工单现在不能派工。还没接单的,请先按 A'),
  r: () => press('log_call', '这张工单现在不用记录电话'),
  '/': () => byId('find-number').focus(),
  '?': () => byId('help').showModal(),
};

async function press(action, otherwise) {
  await state.opening;  // a key pressed while the order is still coming means this order
  const button = actions.button(action);
  if (button && !button.disabled) button.click();
  else toast(otherwise, 'late', 3);
}

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return;
  if (!byId('p0').hidden) { if (event.key === 'Tab') event.preventDefault(); return; }
  if (event.target.matches('input, textarea, select')) {
    if (event.key === 'Escape') event.target.blur();
    return;
  }
  const dispatching = panel.querySelector('.dispatching');
  if (dispatching && event.key >= '1' && event.key <= '9') {
    event.preventDefault();
    actions.candidates()[Number(event.key) - 1]?.click();
    return;
  }
  if (event.key === 'Escape') { dispatching?.classList.remove('dispatching'); byId('rows').focus(); return; }
  const act = KEYS[event.key.toLowerCase()];
  if (act) { event.preventDefault(); act(); }
});

new Worker('/admin/static/js/ticker.js').onmessage = poll;
poll();
