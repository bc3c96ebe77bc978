// Countdowns by the server's clock: minutes below one hour, hours and minutes below a day, days above; after the due
// instant they count up. Always a word and a sign beside the colour.

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
let offset = Number(document.body.dataset.now || Date.now()) - Date.now();

export const setServerNow = (instant) => { offset = instant - Date.now(); };
export const serverNow = () => Date.now() + offset;

export function duration(ms) {
  if (ms < MINUTE) return '不到 1 分钟';
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} 分钟`;
  if (ms < DAY) {
    const minutes = Math.floor(ms / MINUTE);
    return minutes % 60 ? `${Math.floor(minutes / 60)} 小时 ${minutes % 60} 分` : `${minutes / 60} 小时`;
  }
  return `${Math.floor(ms / DAY)} 天`;
}

export function reading(due, warn, now = serverNow()) {
  if (now > due) return { tone: 'late', text: `✕ 已超 ${duration(now - due)}` };
  if (warn && now >= warn) return { tone: 'warn', text: `⚠ 剩 ${duration(due - now)}` };
  return { tone: 'ok', text: `◷ 剩 ${duration(due - now)}` };
}

export function paint(root = document) {
  for (const place of root.querySelectorAll('.count[data-due]')) {
    if (!place.dataset.due) continue;
    const { tone, text } = reading(Number(place.dataset.due), Number(place.dataset.warn) || 0);
    if (place.textContent !== text) place.textContent = text;
    if (!place.classList.contains(`is-${tone}`)) place.className = `count is-${tone}`;
  }
}

paint();
setInterval(paint, 1000);
