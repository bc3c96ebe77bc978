// The buttons of one order, on the board and on the order's own page: ask what is needed, send, tell.

import { command, element, newRequestId, toast } from './console.js';

const DONE = {
  accept: '已接单', assign: '已派工', log_call: '通话已记录', start: '已开始维修', reject: '已办理不予受理',
  to_hotline: '已转 962121 热线', approve_extension: '已同意延期', refuse_extension: '已告知不同意延期',
  reopen: '已重新处理', choose_slot: '已约好上门时间', end_hold: '已恢复处理',
  merge: '已并入', unmerge: '已单独处理', transfer: '已请求转单,对方接收前仍由你们负责',
  decide_transfer: '已指定处理单位', uphold_appeal: '申诉成立,已重新受理', dismiss_appeal: '已答复居民',
  change_urgency: '已调整', recategorise: '已改类别',
  hold_third: '已转等专业单位,修复时限暂停', tell_fund: '已记下,可以转维修资金征询',
  hold_fund: '已转维修资金征询,修复时限暂停', approve_special: '已同意特延', refuse_special: '已告知不同意特延',
  ask_info: '已请居民补充信息',
  agree_cancel: '已同意取消', refuse_cancel: '已告知居民继续维修', waive: '已记下不收费',
};

export function ask(dialog, title, fields, submit, confirmWords = '确定') {
  const error = element('p', { class: 'note note-late', role: 'alert', hidden: true });
  const confirm = element('button', { type: 'submit', class: 'primary' }, confirmWords);
  const cancel = element('button', { type: 'button', onclick: () => dialog.close() }, '取消');
  const form = element('form', { class: 'form' }, fields, error, element('p', { class: 'row' }, cancel, confirm));
  const requestId = newRequestId();
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    confirm.disabled = true;
    try {
      await submit(Object.fromEntries(new FormData(form)), requestId);
      dialog.close();
    } catch (refusal) {
      error.textContent = refusal.message;
      error.hidden = false;
      for (const field of form.elements) field.setAttribute('aria-invalid', String(field.name in refusal.fields));
    }
    confirm.disabled = false;
  });
  dialog.replaceChildren(element('h2', {}, title), form);
  dialog.showModal();
  const first = form.querySelector('input, select, textarea');
  (first || confirm).focus();
}

export class OrderActions {
  constructor(root, { dialog, viewer, changed }) {
    this.root = root;
    this.dialog = dialog;
    this.viewer = viewer;
    this.changed = changed;
    root.addEventListener('click', (event) => this.click(event));
  }

  get order() { return this.root.querySelector('[data-order]'); }

  button(action) { return this.root.querySelector(`button[data-action="${action}"]`); }

  candidates() { return [...this.root.querySelectorAll('button[data-worker]')]; }

  click(event) {
    const button = event.target.closest('button');
    if (!button || button.disabled) return;
    if (button.dataset.action) this.begin(button);
    else if (button.dataset.worker) this.assign(button);
    else if (button.dataset.full) this.show(button);
    else if ('reveal' in button.dataset) this.reveal();
  }

  fields(name) {
    const template = this.order.querySelector(`template[data-form="${name}"]`);
    return template ? template.content.cloneNode(true) : document.createDocumentFragment();
  }

  begin(button) {
    const action = button.dataset.action;
    if (action === 'assign') { this.dispatch(); return; }
    const fields = this.fields(action);
    if (fields.childElementCount === 0) { this.send(action, {}, button); return; }
    const label = button.firstChild.textContent.trim();
    ask(this.dialog, `${label} · ${this.order.dataset.number}`, fields,
      (values, requestId) => this.post(action, values, requestId), label);
  }

  dispatch() {
    const [first] = this.candidates();
    if (!first) { toast('没有可派的师傅,请先登记师傅或转 962121', 'late'); return; }
    this.order.classList.add('dispatching');
    first.closest('section').scrollIntoView({ block: 'nearest' });
    first.focus();
  }

  assign(button) {
    const worker = { worker_id: Number(button.dataset.worker) };
    if (!button.dataset.doubts) { this.send('assign', worker, button); return; }
    ask(this.dialog, `${button.dataset.name}:${button.dataset.doubts}`, this.fields('assign'),
      (values, requestId) => this.post('assign', { ...worker, ...values }, requestId), '仍派给他');
  }

  async send(action, values, button) {
    button.disabled = true;
    const { number } = this.order.dataset;
    try {
      await this.post(action, values, newRequestId());
    } catch (refusal) {
      toast(`${number}:${refusal.message}`, 'late', 10);
      button.disabled = false;
      if (refusal.status) await this.changed(null);
    }
  }

  async post(action, values, requestId) {
    const { order, number } = this.order.dataset;
    await command(`/admin/order-commands/${order}/${action}`, values, requestId);
    toast(`${number} ${DONE[action] || '已办理'}`);
    await this.changed(Number(order));
  }

  reveal() {
    const { order } = this.order.dataset;
    ask(this.dialog, '显示号码', this.fields('reveal'), async (values, requestId) => {
      const contact = await command(`/admin/order-commands/${order}/contact`, values, requestId);
      const call = element('a', { href: `tel:${contact.phone}`, class: 'phone' }, contact.phone);
      this.order.querySelector('[data-contact]').replaceChildren(element('b', {}, contact.name || '未留姓名'), ' ', call);
      this.order.querySelector('[data-reveal]').remove();
    }, '显示号码');
  }

  show(button) {
    const image = this.viewer.querySelector('img');
    image.src = button.dataset.full;
    image.alt = button.querySelector('img').alt;
    this.viewer.querySelector('p').textContent = button.dataset.words;
    this.viewer.showModal();
  }
}
