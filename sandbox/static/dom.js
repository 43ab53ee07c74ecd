// Small tools for building the page. Text only ever becomes text nodes: nothing that a vendor or a customer wrote is
// parsed as HTML.

// el makes an element: el("p", {class: "x", onclick: f, data: {…}}, child, …). Children are nodes or text.
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((c) => c !== null && c !== undefined && c !== false && c !== ""));
  return node;
}

const shown = new WeakMap();

// list shows items as children of a parent and touches only what changed, so that focus, scroll positions and running
// animations stay. draw(item, before) gets the item that the same key had before.
export function list(parent, items, key, draw) {
  const old = shown.get(parent) ?? new Map();
  const now = new Map();
  let place = parent.firstChild;
  for (const item of items) {
    const id = key(item);
    const signature = JSON.stringify(item);
    const was = old.get(id);
    const entry = was?.signature === signature ? was : { signature, item, node: draw(item, was?.item) };
    now.set(id, entry);
    if (was && was.node !== entry.node) {
      if (place === was.node) place = entry.node;
      was.node.replaceWith(entry.node);
    }
    if (entry.node === place) place = place.nextSibling;
    else parent.insertBefore(entry.node, place);
  }
  for (const [id, entry] of old) if (!now.has(id)) entry.node.remove();
  shown.set(parent, now);
}

// forget makes the next list() of a parent draw everything anew.
export function forget(parent) {
  shown.delete(parent);
  parent.replaceChildren();
}

// tabs shows a row of buttons of which one is on; choose(id) is called for the one that is pressed.
export function tabs(parent, items, current, choose) {
  list(parent, items.map((t) => ({ ...t, on: t.id === current })), (t) => t.id, (t) =>
    el("button", { type: "button", "aria-pressed": String(t.on), onclick: () => choose(t.id) },
      t.title, t.count ? el("span", { class: "count" }, String(t.count)) : ""));
}

const clockTime = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });

// time shows when something happened, to the second.
export function time(at) {
  return el("time", { datetime: at, title: new Date(at).toLocaleString() }, clockTime.format(new Date(at)));
}

let hideToast;

// toast says something for a few seconds.
export function toast(text) {
  const node = document.getElementById("toast");
  node.textContent = text;
  node.classList.add("on");
  clearTimeout(hideToast);
  hideToast = setTimeout(() => node.classList.remove("on"), 5000);
}
