import { act } from "./api.js";
import { el, list, time, toast } from "./dom.js";

const box = document.getElementById("phones-list");

// showPhones shows what phones got and sent; a person answers for their owners.
export function showPhones(state) {
  document.getElementById("phones").hidden = !state.sms.length;
  list(box, state.sms, (m) => `${m.sid} ${m.status}`, (m) =>
    el("li", { class: m.code ? "failed" : "ok" }, el("span", { class: "kind" }, m.status),
      el("div", {}, el("p", {}, m.inbound ? `${m.from}: ${m.body}` : text(m.body)), el("small", {}, m.inbound ? "reply" : `to ${m.to}${m.code ? `, error ${m.code}` : ""}`)),
      m.inbound ? "" : replies(m), time(m.at)));
}

// text is a message with its links to follow.
function text(body) {
  return body.split(/(https?:\/\/[^\s]+)/).map((part) =>
    /^https?:/.test(part) ? el("a", { href: part, target: "_blank", rel: "noopener" }, "the survey") : part);
}

function replies(m) {
  const reply = async (word) => {
    if (await act("sms", { from: m.to, body: word })) toast(`${m.to} replies ${word}.`);
  };
  return el("span", { class: "fates" }, ["STOP", "START"].map((word) =>
    el("button", { type: "button", class: "small", onclick: () => reply(word) }, word)));
}
