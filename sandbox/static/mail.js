import { act, get } from "./api.js";
import { el, forget, list, tabs, time, toast } from "./dom.js";

const box = document.getElementById("mails");
const reader = document.getElementById("reader");
let mails = [];
let chosen = null;
let chosenByHand = false;
let tab = "mail";

// showMails shows the newest mails, and opens the newest until a person chooses one.
export function showMails(state) {
  mails = state.mails;
  document.getElementById("mail-count").textContent = state.mail_total
    ? `${state.mail_total} ${state.mail_total === 1 ? "mail" : "mails"}${state.mail_total > mails.length ? `, the newest ${mails.length} shown` : ""}` : "";
  if (!chosenByHand && mails.length && chosen !== mails[0].id) open(mails[0].id);
  drawList();
  box.hidden = !mails.length;
  if (!mails.length) reader.replaceChildren(el("p", { class: "empty" }, "No mail yet. What cxloop sends arrives here, for every customer."));
}

function drawList() {
  list(box, mails.map((m) => ({ ...m, on: m.id === chosen })), (m) => m.id, (m) =>
    el("li", {}, el("button", { type: "button", class: "mail", "aria-current": m.on ? "true" : undefined, onclick: () => openMail(m.id) },
      el("span", { class: "to" }, m.to.name || m.to.email), time(m.at), el("span", { class: "subject" }, m.subject))));
}

// openMail shows a mail to a person who asked for it.
export function openMail(id) {
  chosenByHand = mails.length > 0 && id !== mails[0].id;
  open(id);
  drawList();
  document.getElementById("mailbox").scrollIntoView({ behavior: "smooth", block: "start" });
}

async function open(id) {
  chosen = id;
  const mail = await get(`/playground/mail/${encodeURIComponent(id)}/source`).catch(() => null);
  if (!mail || chosen !== id) return;
  if (!mail.html && tab === "mail") tab = "text";
  draw(mail);
}

function draw(mail) {
  const views = el("div", { class: "tabs", role: "group", "aria-label": "Views of the mail" });
  const body = el("div", { class: "mail-body" });
  const choose = (id) => {
    tab = id;
    tabs(views, [{ id: "mail", title: "Mail" }, { id: "text", title: "Plain text" }, { id: "headers", title: "Headers" }], tab, choose);
    body.replaceChildren(view(mail));
  };
  forget(reader);
  reader.append(
    el("header", {}, el("h3", {}, mail.subject), el("p", {}, `${address(mail.from)} → ${address(mail.to)}`), fates(mail)), views, body);
  choose(tab);
}

// fates are what SendGrid may tell of the mail; of one over SMTP nobody tells anything.
function fates(mail) {
  if (mail.smtp) return "";
  const tell = async (fate, said) => {
    if (await act("mail", { id: mail.id, fate })) toast(`SendGrid tells cxloop: ${said}.`);
  };
  return el("p", { class: "fates" }, "SendGrid tells: ", [["bounce", "it came back"], ["complaint", "reported as spam"], ["unsubscribe", "unsubscribed"]]
    .map(([fate, said]) => el("button", { type: "button", class: "small", onclick: () => tell(fate, said) }, said)));
}

function view(mail) {
  if (tab === "text") return el("pre", { class: "plain", tabindex: "0" }, mail.text || "This mail has no plain text.");
  if (tab === "headers") return headers(mail);
  // The frame may open links in new tabs and nothing else; the server's policy for it says the same.
  return el("iframe", {
    src: `/playground/mail/${encodeURIComponent(mail.id)}`, title: `Mail: ${mail.subject}`,
    sandbox: "allow-popups allow-popups-to-escape-sandbox", referrerpolicy: "no-referrer",
  });
}

function headers(mail) {
  const rows = [["From", address(mail.from)], ["To", address(mail.to)], ["Cc", (mail.cc ?? []).map(address).join(", ")],
    ["Reply-To", (mail.reply_to ?? []).map(address).join(", ")], ["Date", new Date(mail.at).toString()], ["Subject", mail.subject],
    ...Object.entries(mail.headers ?? {}), ["Categories", (mail.categories ?? []).join(", ")],
    ...Object.entries(mail.custom_args ?? {}).map(([name, value]) => [`custom_args.${name}`, value])];
  return el("dl", { class: "headers" }, rows.filter(([, value]) => value).flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function address(a) {
  return a.name ? `${a.name} <${a.email}>` : a.email;
}
