"use strict";

const byId = (id) => document.getElementById(id);
let current = null;
let shownMessages = "";

async function call(path, body) {
  const options = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const answer = await fetch(path, options);
  const data = await answer.json();
  if (!answer.ok) throw new Error(data.error || "没有成功");
  return data;
}

function element(tag, className, text) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

const userPath = (rest) => `/sandbox/users/${encodeURIComponent(current)}${rest}`;
const when = (seconds) =>
  new Date(seconds * 1000).toLocaleString("zh-CN", {
    timeZone: "Asia/Shanghai", month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit",
  });

function messageCard(message) {
  const card = element("article", "card");
  card.append(element("header", "", "安居"), element("h3", "", message.title));
  const rows = element("dl");
  for (const [label, value] of message.rows) rows.append(element("dt", "", label), element("dd", "", value));
  card.append(rows, element("footer", "", message.page ? `进入小程序查看 · ${message.page}` : "进入小程序查看"));
  return card;
}

function showMessages(messages) {
  const box = byId("messages");
  const key = `${current}/${messages.length}`;
  if (key === shownMessages) return;
  shownMessages = key;
  box.replaceChildren();
  if (!messages.length) box.append(element("p", "empty", "还没有通知。同意接收后,工单有进展时会出现在这里。"));
  for (const message of messages) box.append(element("p", "when", when(message.at)), messageCard(message));
  box.scrollTop = box.scrollHeight;
}

function showPeople(users) {
  byId("people").replaceChildren(
    ...users.map((user) => {
      const button = element("button");
      button.type = "button";
      button.append(element("span", "", user.name), element("span", "count", `${user.messages} 条`));
      if (user.name === current) button.setAttribute("aria-current", "true");
      button.addEventListener("click", () => choose(user.name));
      const item = element("li");
      item.append(button);
      return item;
    }),
  );
}

function showGrants(grants) {
  for (const label of document.querySelectorAll(".templates label")) {
    const left = grants[label.dataset.id] || 0;
    label.lastElementChild.textContent = left ? `(余 ${left})` : "";
  }
}

function showHotline(orders) {
  const items = orders.map((entry) => {
    const order = entry.order;
    const words = [entry.ticket, order.number || order.order_number || order.handover_id, order.category || ""];
    return element("li", "", words.filter(Boolean).join(" · "));
  });
  byId("hotline").replaceChildren(...(items.length ? items : [element("li", "hint", "没有转来的工单")]));
}

const yuan = (fen) => `¥${(fen / 100).toFixed(2)}`;

function paymentItem(payment) {
  const item = element("li");
  const back = payment.refunded ? ` · 已退款 ${yuan(payment.refunded)}` : "";
  const more = `${when(payment.paid_at)} · ${payment.payee} · ${payment.out_trade_no}${back}`;
  item.append(
    element("span", "", payment.body), element("span", "sum", yuan(payment.total_fee)), element("span", "more", more),
  );
  return item;
}

function showPayments(payments) {
  const items = payments.reverse().map(paymentItem);
  byId("payments").replaceChildren(...(items.length ? items : [element("li", "hint", "还没有付过款")]));
}

async function refresh() {
  const [{ users }, { orders }] = await Promise.all([call("/sandbox/users"), call("/sandbox/hotline")]);
  if (current === null && users.length) current = users[0].name;
  showPeople(users);
  showHotline(orders);
  const user = users.find((one) => one.name === current);
  for (const button of document.querySelectorAll(".actions button")) button.disabled = !user;
  byId("person-name").textContent = user ? `${user.name}的手机` : "先加一部手机";
  byId("person-openid").textContent = user ? user.openid : "";
  if (!user) return showMessages([]), showPayments([]);
  showGrants(user.grants);
  showPayments((await call(userPath("/payments"))).payments);
  showMessages((await call(userPath("/messages"))).messages);
}

function choose(name) {
  current = name;
  for (const output of document.querySelectorAll("output")) output.textContent = "";
  refresh();
}

async function say(output, action) {
  output.classList.remove("bad");
  try {
    output.textContent = await action();
  } catch (error) {
    output.classList.add("bad");
    output.textContent = error.message;
  }
  refresh();
}

async function consent(accept) {
  const templates = [...document.querySelectorAll(".templates input:checked")].map((box) => box.value);
  if (!templates.length) return "请先选模板";
  const answer = await call(userPath("/consent"), { templates, accept });
  return (accept ? "已允许" : "已拒绝") + (answer.pushed ? "" : ",事件没有送达产品");
}

async function start() {
  const { templates } = await call("/sandbox/templates");
  for (const [id, template] of Object.entries(templates)) {
    const label = element("label");
    label.dataset.id = id;
    const box = element("input");
    box.type = "checkbox";
    box.value = id;
    label.append(box, element("span", "", template.title), element("span", "count"));
    byId("templates").append(label);
  }
  byId("new-person").addEventListener("submit", async (event) => {
    event.preventDefault();
    const name = byId("new-name").value.trim();
    if (!name) return;
    await call(`/sandbox/users/${encodeURIComponent(name)}`);
    byId("new-name").value = "";
    choose(name);
  });
  byId("get-code").addEventListener("click", () =>
    say(byId("code"), async () => (await call(userPath("/code"), {})).code));
  byId("phone-form").addEventListener("submit", (event) => {
    event.preventDefault();
    say(byId("phone-code"), async () =>
      (await call(userPath("/phone_code"), { phone: byId("phone").value })).code);
  });
  byId("accept").addEventListener("click", () => say(byId("consent"), () => consent(true)));
  byId("reject").addEventListener("click", () => say(byId("consent"), () => consent(false)));
  await refresh();
  setInterval(refresh, 2000);
}

start();
