// The front desk with the keyboard alone: number, category by two letters, address, Enter.

import { command, element, newRequestId, readJson } from './console.js';

const byId = (id) => document.getElementById(id);
const form = byId('report');
const options = byId('category-options');
const state = { categories: [], matches: [], active: 0, chosen: null, caller: null, asked: '', requestId: newRequestId() };

// ---- number

byId('phone').addEventListener('input', async () => {
  const digits = byId('phone').value.replace(/\D/g, '');
  if (digits.length !== 11 || digits === state.asked) return;
  state.asked = digits;
  try {
    const caller = await command('/admin/front-desk/data/caller', { phone: digits });
    if (state.asked === digits) drawCaller(caller);
  } catch (refusal) { drawRefusal(refusal); }
});

function orderLine(order) {
  return element('li', {}, element('a', { href: `/admin/orders/${order.id}`, target: '_blank' }, order.number), ' ',
    element('span', { class: `kind kind-${order.menu}` }, order.kind), ` ${order.place} · ${order.category} `,
    element('span', { class: 'tag' }, order.status), element('span', { class: 'quiet small' }, ` ${order.when}${order.due ? `,${order.due}` : ''}`));
}

function drawCaller(caller) {
  state.caller = caller;
  const box = byId('caller');
  box.replaceChildren(element('h2', {}, caller.known ? `来电人 ${caller.name}` : '来电人'));
  if (!caller.known) box.append(element('p', { class: 'quiet' }, '这个号码没有关联本处的住房。可以在“其他房屋”里按楼号查,如 5-2-301。'));
  if (caller.open_orders.length) {
    box.append(element('p', { class: 'note note-warn' }, '有没办完的工单,先看看是不是同一件事:'),
      element('ul', { class: 'lines' }, ...caller.open_orders.map(orderLine)));
  }
  if (caller.earlier.length) {
    box.append(element('h3', {}, '最近报修'), element('ul', { class: 'lines' }, ...caller.earlier.map(orderLine)));
  } else if (!caller.open_orders.length) box.append(element('p', { class: 'quiet' }, '以前没有报修过。'));
  byId('caller-homes').replaceChildren(...caller.homes.map((home, place) => homeChoice(home, place === 0)));
  const [home] = caller.homes;
  if (home && byId('estate').querySelector(`option[value="${home.estate_id}"]`)) byId('estate').value = home.estate_id;
  readSpots();
}

function homeChoice(home, checked) {
  return element('label', { class: 'radio' }, element('input', { type: 'radio', name: 'home_id', value: home.id, checked }),
    ` ${home.words}`, home.relation ? element('span', { class: 'quiet' }, ` ${home.relation}`) : null);
}

// ---- category

function fits(category, wanted) {
  return category.pinyin.includes(wanted) || category.name.includes(wanted) || category.code.toLowerCase().startsWith(wanted)
    || category.words.some((word) => word.includes(wanted) || wanted.includes(word));
}

function rank(category, wanted) {
  return [category.pinyin.startsWith(wanted) || category.name.startsWith(wanted) ? 0 : 1, category.code].join();
}

function suggest() {
  const wanted = byId('category').value.trim().toLowerCase();
  state.chosen = null;
  state.matches = wanted ? state.categories.filter((each) => fits(each, wanted)) : [];
  state.matches.sort((a, b) => (rank(a, wanted) < rank(b, wanted) ? -1 : 1));
  state.matches = state.matches.slice(0, 8);
  state.active = 0;
  drawOptions();
}

function drawOptions() {
  const input = byId('category');
  options.replaceChildren(...state.matches.map((each, place) => element('li', {
    role: 'option', id: `option-${place}`, 'aria-selected': String(place === state.active), onpointerdown: (event) => { event.preventDefault(); choose(place); },
  }, element('span', { class: `kind kind-${each.in_home ? 'EMG' : 'PUB'}` }, each.in_home ? '户内' : '公区'), ` ${each.name} `,
    ['P0', 'P1'].includes(each.urgency) ? element('span', { class: `tag tag-${each.urgency}` }, each.urgency) : null,
    element('small', { class: 'quiet' }, each.pinyin))));
  options.hidden = state.matches.length === 0;
  input.setAttribute('aria-expanded', String(!options.hidden));
  input.setAttribute('aria-activedescendant', options.hidden ? '' : `option-${state.active}`);
}

function choose(place) {
  const category = state.matches[place];
  if (!category) return;
  state.chosen = category;
  byId('category').value = category.name;
  state.matches = [];
  drawOptions();
  byId('home-place').hidden = !category.in_home;
  byId('public-place').hidden = category.in_home;
  byId('when').hidden = !category.bookable;
  if (!category.bookable) form.elements.slot_id.value = '';
  tell('category_code', '');
  nextField(category);
}

function nextField(category) {
  if (category.in_home) (form.querySelector('[name="home_id"]:checked') || byId('home-search')).focus();
  else form.elements.place_note.focus();
}

byId('category').addEventListener('input', suggest);
byId('category').addEventListener('keydown', (event) => {
  if (options.hidden) return;
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in moves) {
    state.active = (state.active + moves[event.key] + state.matches.length) % state.matches.length;
    drawOptions();
  } else if (event.key === 'Enter' || event.key === 'Tab') choose(state.active);
  else if (event.key === 'Escape') { state.matches = []; drawOptions(); } else return;
  event.preventDefault();
});
byId('phone').addEventListener('keydown', (event) => {
  if (event.key === 'Enter') { event.preventDefault(); byId('category').focus(); }
});

// ---- place

async function readSpots() {
  const estate = byId('estate').value;
  if (!estate) return;
  const spots = await readJson(`/admin/front-desk/data/spots/${estate}`);
  byId('spot').replaceChildren(element('option', { value: '' }, '不在列表里'),
    ...spots.map((spot) => element('option', { value: spot.id }, spot.name)));
}

let searching = 0;
byId('home-search').addEventListener('input', () => {
  clearTimeout(searching);
  searching = setTimeout(async () => {
    const wanted = byId('home-search').value.trim();
    const homes = wanted ? await command('/admin/front-desk/data/homes', { q: wanted }) : [];
    byId('found-homes').replaceChildren(...homes.map((home, place) => homeChoice(home, place === 0)));
  }, 150);
});
byId('estate').addEventListener('change', readSpots);
for (const radio of form.querySelectorAll('[name="channel"]')) {
  radio.addEventListener('change', () => { form.elements.consent_note.value = radio.dataset.note; });
}

// ---- sending

function tell(field, sentence) {
  const place = form.querySelector(`[data-error="${field}"]`);
  if (place) place.textContent = sentence;
}

function drawRefusal(refusal) {
  for (const place of form.querySelectorAll('[data-error]')) place.textContent = '';
  for (const [field, sentence] of Object.entries(refusal.fields)) tell(field, sentence);
  if (refusal.fields.contact_phone) tell('phone', refusal.fields.contact_phone);
  byId('form-refusal').textContent = refusal.message;
  byId('form-refusal').hidden = false;
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  if (!state.chosen && state.matches.length) { choose(state.active); return; }
  const button = form.querySelector('.send');
  if (button.disabled) return;
  button.disabled = true;
  const values = Object.fromEntries(new FormData(form));
  if (!state.chosen?.in_home) { delete values.home_id; delete values.slot_id; }
  else for (const name of ['estate_id', 'spot_id', 'place_note']) delete values[name];
  const report = { ...values, category_code: state.chosen?.code || '', hazardous: form.elements.hazardous.checked };
  try {
    drawResult(await command('/admin/front-desk/data/reports', report, state.requestId));
  } catch (refusal) {
    drawRefusal(refusal);
    if (refusal.status) state.requestId = newRequestId();
    if (refusal.fields.category_code) byId('category').focus();
  }
  button.disabled = false;
});
form.addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && event.target.matches('textarea')) { event.preventDefault(); form.requestSubmit(); }
});

function drawResult(answer) {
  const box = byId('result');
  box.querySelector('.result-number').textContent = `已登记,编号 ${answer.number}`;
  box.querySelector('ul').replaceChildren(...answer.promises.map((words) => element('li', {}, words)));
  byId('open-order').href = `/admin/orders/${answer.order_id}`;
  box.hidden = false;
  form.inert = true;
  byId('again').focus();
}

byId('again').addEventListener('click', () => {
  form.inert = false;
  form.reset();
  Object.assign(state, { chosen: null, caller: null, asked: '', requestId: newRequestId(), matches: [] });
  byId('result').hidden = true;
  byId('form-refusal').hidden = true;
  for (const id of ['home-place', 'public-place', 'when']) byId(id).hidden = true;
  for (const id of ['caller-homes', 'found-homes']) byId(id).replaceChildren();
  byId('caller').replaceChildren(element('h2', {}, '来电人'), element('p', { class: 'quiet' }, '输入号码后,这里显示他的住房、没办完的工单和最近几次报修。'));
  byId('phone').focus();
});

state.categories = await readJson('/admin/front-desk/data/categories');
form.dataset.ready = '1';
readSpots();
