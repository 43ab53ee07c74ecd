import { act } from "./api.js";
import { el, forget, list, tabs, time, toast } from "./dom.js";
import { drawBlocks, mrkdwn } from "./blockkit.js";
import { showModal } from "./modal.js";

const box = document.getElementById("messages");
const who = document.getElementById("whoami");
let state = null;
let channel = null;
let channelByHand = false;
let me = localStorage.getItem("slack-user") ?? "";

who.addEventListener("change", () => {
  me = who.value;
  localStorage.setItem("slack-user", me);
  draw();
});

// showSlack shows the channels, and opens the one with the newest message until a person chooses one.
export function showSlack(next) {
  state = next;
  const people = state.users.filter((u) => !u.bot && !u.deleted);
  if (!people.some((u) => u.id === me)) me = people[0]?.id ?? "";
  list(who, people.map((u) => ({ id: u.id, name: u.real_name || u.name })), (u) => u.id, (u) => el("option", { value: u.id }, u.name));
  who.value = me;
  if (!channelByHand) channel = newestChannel()?.id ?? channel;
  draw();
}

// openMessage shows a channel and marks one of its messages.
export function openMessage(id, ts) {
  choose(id);
  const node = box.querySelector(`[data-ts="${CSS.escape(ts)}"]`);
  document.getElementById("slack").scrollIntoView({ behavior: "smooth", block: "start" });
  if (!node) return;
  box.scrollTop = node.offsetTop - 16;
  node.classList.remove("flash");
  requestAnimationFrame(() => node.classList.add("flash"));
}

function newestChannel() {
  const last = (c) => visible(c).at(-1)?.ts ?? "";
  return state.channels.filter(mine).reduce((best, c) => (!best || last(c) > last(best) ? c : best), null);
}

// mine are the channels that the chosen person reads: those of many, and their direct messages.
const mine = (c) => !c.user || c.user === me;
const visible = (c) => c.messages.filter((m) => !m.ephemeral_to || m.ephemeral_to === me);

function choose(id) {
  channel = id;
  channelByHand = true;
  draw();
}

let drawn = "";

function draw() {
  showModal(state, me, contextOf());
  const channels = state.channels.filter(mine);
  if (!channels.some((c) => c.id === channel)) channel = channels[0]?.id ?? null;
  tabs(document.getElementById("channels"), channels.map((c) => ({ id: c.id, title: c.user ? "Direct messages" : `# ${c.name}`, count: visible(c).length })), channel, choose);
  const current = channels.find((c) => c.id === channel);
  if (!current) return;
  if (drawn !== channel + me) forget(box);
  const follows = drawn !== channel + me || box.scrollHeight - box.scrollTop - box.clientHeight < 80;
  drawn = channel + me;
  const messages = threaded(visible(current));
  list(box, messages.length ? messages : [{ ts: "empty" }], (m) => m.ts, (m) => (m.ts === "empty"
    ? el("p", { class: "empty" }, "No messages yet. The case of an unhappy customer is posted to the channel of its region.")
    : drawMessage(current, m)));
  if (follows) box.scrollTop = box.scrollHeight;
}

// threaded puts replies behind the message that they answer.
function threaded(messages) {
  const isReply = (m) => m.thread_ts && m.thread_ts !== m.ts;
  return messages.filter((m) => !isReply(m)).flatMap((m) => [m, ...messages.filter((r) => isReply(r) && r.thread_ts === m.ts)]);
}

function drawMessage(current, m) {
  const user = state.users.find((u) => u.id === m.user);
  const name = user?.real_name || user?.name || m.user;
  const context = contextOf((action, value) => press(current, m, action, value));
  const caseId = state.case_url && caseOf(m.blocks);
  return el("article", { class: `message${m.thread_ts && m.thread_ts !== m.ts ? " reply" : ""}${m.ephemeral_to ? " ephemeral" : ""}`, "data-ts": m.ts },
    el("span", { class: `avatar${user?.bot ? " app" : ""}`, "aria-hidden": "true" }, user?.bot ? "cx" : name.slice(0, 1)),
    el("div", { class: "said" },
      el("p", { class: "by" }, el("b", {}, name), user?.bot && el("span", { class: "app-tag" }, "APP"), time(m.at),
        m.ephemeral_to && el("span", { class: "private" }, "Only visible to you")),
      m.blocks?.length ? drawBlocks(m.blocks, context) : el("p", { class: "mrkdwn" }, mrkdwn(m.text, context)),
      el("p", { class: "after" }, m.edited && el("span", { class: "edited" }, "(edited)"),
        caseId && el("a", { href: state.case_url.replace(encodeURIComponent("{id}"), encodeURIComponent(caseId)), target: "_blank", rel: "noopener" }, "Its workflow in Temporal"))));
}

// contextOf is what blocks name people and channels by, and whom they tell of presses.
function contextOf(press) {
  return {
    user: (id) => state.users.find((u) => u.id === id)?.name ?? id,
    channel: (id) => state.channels.find((c) => c.id === id)?.name ?? id,
    people: state.users.filter((u) => !u.bot && !u.deleted),
    press,
  };
}

// caseOf finds the case that a message is about in the value of its buttons.
function caseOf(blocks) {
  for (const block of blocks ?? []) {
    for (const e of block.elements ?? []) if (e.action_id?.startsWith("case_") && e.value) return e.value.split(".")[0];
  }
  return null;
}

async function press(current, m, action, value) {
  const answer = await act("click", { channel: current.id, ts: m.ts, action, user: me, value: value ?? "" });
  if (answer && (answer.status < 200 || answer.status > 299)) toast(`cxloop answered ${answer.status}: ${answer.response}`);
}
