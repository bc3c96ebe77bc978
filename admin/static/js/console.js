// What every page of the console shares: requests that carry token and request id, toasts, small menus.

const token = () => document.querySelector('meta[name="csrf-token"]').content;

export class Refusal extends Error {
  constructor(answer, status) {
    super(answer.message || '这一步没有完成,请稍后再试');
    this.code = answer.code || '';
    this.fields = answer.fields || {};
    this.status = status;
  }
}

async function answerOf(response) {
  if (response.ok) return response;
  let answer = {};
  try { answer = await response.json(); } catch { /* not ours: a proxy's page */ }
  throw new Refusal(answer, response.status);
}

async function reach(url, options) {
  try {
    return await fetch(url, { credentials: 'same-origin', ...options });
  } catch {
    throw new Refusal({ code: 'offline', message: '网络断了,正在重试。您填写的内容还在' }, 0);
  }
}

export async function read(url, headers = {}) {
  const response = await reach(url, { headers: { 'X-Requested-With': 'fetch', ...headers } });
  return answerOf(response);
}

export const readJson = async (url, headers) => (await read(url, headers)).json();

export const newRequestId = () => crypto.randomUUID
  ? crypto.randomUUID()
  : Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');

// The same request id for a repeat of the same command: a lost answer must not become a second deed.
export async function command(url, body = {}, requestId = newRequestId()) {
  const response = await reach(url, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      'X-Requested-With': 'fetch',
      'X-CSRFToken': token(),
      'Idempotency-Key': requestId,
    },
    body: JSON.stringify(body),
  });
  return (await answerOf(response)).json();
}

export function toast(sentence, kind = 'ok', seconds = 6) {
  const box = document.getElementById('toasts');
  const line = document.createElement('p');
  line.className = `toast toast-${kind}`;
  line.textContent = sentence;
  if (kind === 'late') line.setAttribute('role', 'alert');
  box.append(line);
  setTimeout(() => line.remove(), seconds * 1000);
}

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === 'class') made.className = value;
    else if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? '' : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

document.addEventListener('click', (event) => {
  for (const open of document.querySelectorAll('details.me[open]')) {
    if (!open.contains(event.target)) open.open = false;
  }
});
document.addEventListener('submit', (event) => {
  for (const button of event.target.querySelectorAll('button[type="submit"]')) {
    if (event.target.method === 'post') setTimeout(() => { button.disabled = true; });
  }
});
for (const button of document.querySelectorAll('[data-print]')) {
  button.addEventListener('click', () => window.print());
}
