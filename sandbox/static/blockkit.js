// Slack's Block Kit and mrkdwn as DOM nodes, after https://docs.slack.dev/reference/block-kit/blocks and
// https://docs.slack.dev/messaging/formatting-message-text.
import { el } from "./dom.js";

const emoji = {
  rotating_light: "🚨", warning: "⚠️", white_check_mark: "✅", heavy_check_mark: "✔️", eyes: "👀", tada: "🎉", star: "⭐", fire: "🔥",
  speech_balloon: "💬", bell: "🔔", hourglass: "⌛", hourglass_flowing_sand: "⏳", red_circle: "🔴", large_yellow_circle: "🟡",
  large_green_circle: "🟢", large_blue_circle: "🔵", chart_with_upwards_trend: "📈", moneybag: "💰", office: "🏢", email: "📧",
  lock: "🔒", x: "❌", wave: "👋", pray: "🙏", "+1": "👍", "-1": "👎", point_right: "👉", bulb: "💡", memo: "📝", calendar: "📅",
};

const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
const emojify = (text) => text.replace(/:([a-z0-9_+-]+):/g, (all, name) => emoji[name] ?? all);
export const plain = (text) => emojify(unescape(text));

// drawBlocks shows the blocks of a message. context names users and channels and takes presses of buttons.
export function drawBlocks(blocks, context) {
  return el("div", { class: "blocks" }, blocks.map((b) => (drawn[b.type] ?? unknown)(b, context)));
}

const drawn = {
  header: (b) => el("h4", { class: "block-header" }, textOf(b.text)),
  divider: () => el("hr"),
  section: (b, c) => el("div", { class: "block-section" },
    el("div", { class: "grow" }, b.text && el("div", { class: "mrkdwn" }, textOf(b.text, c)),
      b.fields?.length && el("div", { class: "fields" }, b.fields.map((f) => el("div", { class: "mrkdwn" }, textOf(f, c))))),
    b.accessory && element(b.accessory, c)),
  context: (b, c) => el("div", { class: "block-context" }, b.elements.map((e) =>
    (e.type === "image" ? el("span", {}, e.alt_text) : el("span", { class: "mrkdwn" }, textOf(e, c))))),
  actions: (b, c) => el("div", { class: "block-actions" }, b.elements.map((e) => element(e, c))),
  image: (b) => el("p", { class: "block-image" }, `Image: ${b.alt_text}`),
  rich_text: (b, c) => el("div", { class: "mrkdwn" }, b.elements.map((e) => richText(e, c))),
};

function unknown(b) {
  return el("p", { class: "block-image" }, `A block of type ${b.type}, which this page does not draw.`);
}

function textOf(text, context) {
  return text.type === "mrkdwn" ? mrkdwn(text.text, context) : plain(text.text);
}

function richText(e, context) {
  const inner = (e.elements ?? []).map((x) => {
    if (x.type === "link") return link(x.url, x.text || x.url);
    if (x.type === "user") return mention(`@${context.user(x.user_id)}`);
    if (x.type === "emoji") return emoji[x.name] ?? `:${x.name}:`;
    if (x.elements) return el("li", {}, richText(x, context));
    let node = x.text ?? "";
    for (const [style, tag] of [["bold", "b"], ["italic", "i"], ["strike", "s"], ["code", "code"]]) if (x.style?.[style]) node = el(tag, {}, node);
    return node;
  });
  return el({ rich_text_quote: "blockquote", rich_text_preformatted: "pre", rich_text_list: "ul" }[e.type] ?? "div", {}, inner);
}

function element(e, context) {
  if (e.type === "static_select" || e.type === "users_select") {
    const options = e.type === "users_select" ? context.people.map((u) => [u.id, u.real_name || u.name]) : (e.options ?? []).map((o) => [o.value, plain(o.text.text)]);
    const select = el("select", { class: "slack-select", "aria-label": plain(e.placeholder?.text ?? e.action_id), onchange: () => context.press(e.action_id, select.value) },
      el("option", { value: "", disabled: true, selected: true }, plain(e.placeholder?.text ?? "Choose")),
      options.map(([value, title]) => el("option", { value }, title)));
    return select;
  }
  if (e.type !== "button") return unknown(e);
  const press = async () => {
    if (e.confirm && !(await confirmed(e.confirm, context))) return;
    if (e.url) window.open(e.url, "_blank", "noopener");
    context.press(e.action_id);
  };
  return el("button", { type: "button", class: `slack-button ${e.style ?? ""}`, "data-action": e.action_id, onclick: async (event) => {
    const button = event.currentTarget;
    button.disabled = true;
    await press();
    button.disabled = false;
  } }, plain(e.text.text));
}

// confirmed asks what the button's confirmation asks, and returns whether it was confirmed.
function confirmed(confirm, context) {
  const dialog = document.getElementById("confirm");
  dialog.replaceChildren(el("form", { method: "dialog" },
    el("h3", {}, textOf(confirm.title, context)), el("p", {}, textOf(confirm.text, context)),
    el("div", { class: "block-actions" },
      el("button", { class: "slack-button", value: "" }, textOf(confirm.deny ?? { type: "plain_text", text: "No" }, context)),
      el("button", { class: `slack-button ${confirm.style ?? "primary"}`, value: "yes" }, textOf(confirm.confirm ?? { type: "plain_text", text: "Yes" }, context)))));
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((answer) => dialog.addEventListener("close", () => answer(dialog.returnValue === "yes"), { once: true }));
}

// mrkdwn returns the nodes of a text in Slack's markup.
export function mrkdwn(text, context) {
  return text.split(/```\n?([\s\S]*?)```/).flatMap((part, i) => (i % 2 ? [el("pre", {}, unescape(part))] : paragraphs(part, context)));
}

function paragraphs(text, context) {
  const out = [];
  let quote = null;
  text.split("\n").forEach((line, i) => {
    const quoted = /^(?:>|&gt;) ?(.*)$/.exec(line);
    if (quoted) {
      if (quote) quote.append(el("br"));
      else out.push((quote = el("blockquote")));
      quote.append(...inline(quoted[1], context));
      return;
    }
    if (i > 0 && !quote) out.push(el("br"));
    quote = null;
    out.push(...inline(line, context));
  });
  return out;
}

// A style's marks stand at the borders of words, as Slack wants them.
const token = /<([^<>]+)>|`([^`]+)`|(?<![\p{L}\p{N}*])\*(?!\s)([^*]*[^*\s])\*(?![\p{L}\p{N}*])|(?<![\p{L}\p{N}_])_(?!\s)([^_]*[^_\s])_(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}~])~(?!\s)([^~]*[^~\s])~(?![\p{L}\p{N}~])/u;

function inline(text, context) {
  const out = [];
  for (let rest = text; rest;) {
    const m = token.exec(rest);
    if (!m) return [...out, plain(rest)];
    if (m.index) out.push(plain(rest.slice(0, m.index)));
    rest = rest.slice(m.index + m[0].length);
    if (m[1] !== undefined) out.push(reference(m[1], context));
    else if (m[2] !== undefined) out.push(el("code", {}, unescape(m[2])));
    else if (m[3] !== undefined) out.push(el("b", {}, inline(m[3], context)));
    else if (m[4] !== undefined) out.push(el("i", {}, inline(m[4], context)));
    else out.push(el("s", {}, inline(m[5], context)));
  }
  return out;
}

// reference draws what stands between angle brackets: a mention, a date, or a link.
function reference(inner, context) {
  const [target, label] = inner.split(/\|(.*)/s);
  if (target.startsWith("@")) return mention(`@${label ?? context.user(target.slice(1))}`);
  if (target.startsWith("#")) return mention(`#${label ?? context.channel(target.slice(1))}`);
  if (target.startsWith("!date^")) return date(target, label);
  if (target.startsWith("!")) return mention(`@${label ?? target.slice(1)}`);
  return link(unescape(target), plain(label ?? target));
}

function date(target, label) {
  const [, seconds] = target.split("^");
  const at = new Date(Number(seconds) * 1000);
  return Number.isNaN(at.getTime()) ? plain(label ?? "") : el("time", { datetime: at.toISOString() }, at.toLocaleString());
}

function mention(text) {
  return el("span", { class: "mention" }, text);
}

// link refuses what is no web or mail address, as Slack does: a javascript: link must not come to life here.
function link(url, text) {
  return /^(https?|mailto|tel):/i.test(url) ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text) : `<${url}|${text}>`;
}
