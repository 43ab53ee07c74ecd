// The survey inside another page: <script src="…/widget.js" data-program="…" data-token="…" async></script>.
// data-target names an element, by a CSS selector, that it is put into; without it is a panel in the corner.
(function () {
  "use strict";
  var script = document.currentScript;
  // In a page's head it may be there before what it is put into.
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();

  function start() {
    var data = script && script.dataset;
    if (!data || !/^[\w-]+\.[\w-]+$/.test(data.token || "") || !window.CSSStyleSheet || !document.adoptedStyleSheets) return;

    var base = script.src.replace(/\/widget\.js([?#].*)?$/, "");
    var origin = new URL(base).origin;
    var words = {
      en: ["Survey", "Close"], fr: ["Enquête", "Fermer"], de: ["Umfrage", "Schließen"], es: ["Encuesta", "Cerrar"]
    };
    var seen = "cxloop." + (data.program || data.token);
    var into = data.target ? document.querySelector(data.target) : document.body;

    // Where nothing can be kept, for example in a private window, it is asked again.
    function remember() { try { sessionStorage.setItem(seen, "1"); } catch (e) { /* see above */ } }
    function dismissed() { try { return sessionStorage.getItem(seen) === "1"; } catch (e) { return false; } }
    if (!into || dismissed()) return;

    var style = new CSSStyleSheet(); // a strict style-src allows these, and no <style>
    style.replaceSync(
      ":host{all:initial;display:block}" +
      "div{box-sizing:border-box;background:#fff;border-radius:.75rem;overflow:hidden;visibility:hidden}" +
      "iframe{display:block;width:100%;height:20rem;border:0}" +
      "div.open{visibility:visible}" +
      "div.corner{position:fixed;z-index:2147483647;inset-block-end:1rem;inset-inline-end:1rem;width:min(28rem,100vw - 2rem);" +
      "box-shadow:0 0 0 1px #0003,0 8px 32px #0005;opacity:0;transform:translateY(1rem)}" +
      "div.corner.open{opacity:1;transform:none}" +
      "div.inline:not(.open){height:0}" +
      "button{display:grid;place-items:center;width:2.75rem;height:2.75rem;margin-inline-start:auto;border:0;background:none;color:#1b1f27;" +
      "font:1.5rem/1 system-ui,sans-serif;cursor:pointer}" +
      "button:focus-visible{outline:3px solid;outline-offset:-4px}" +
      "@media (prefers-color-scheme:dark){div{background:#1a1d24}button{color:#eceef2}}" +
      "@media (prefers-reduced-motion:no-preference){div.corner{transition:opacity .2s,transform .2s}}"
    );

    var host = document.createElement("div");
    var shadow = host.attachShadow({mode: "open"});
    shadow.adoptedStyleSheets = [style];
    var panel = document.createElement("div");
    var frame = document.createElement("iframe");
    var close = document.createElement("button");
    var inline = into !== document.body;
    var before = null; // what had the focus before the panel

    panel.className = inline ? "inline" : "corner";
    if (!inline) {
      panel.setAttribute("role", "dialog");
      close.type = "button";
      close.textContent = "×";
      close.addEventListener("click", end);
      panel.appendChild(close);
      panel.addEventListener("keydown", function (e) { if (e.key === "Escape") end(); });
      panel.addEventListener("focusin", function () { if (!before) before = lastFocus; });
    }
    frame.referrerPolicy = "no-referrer";
    frame.src = base + "/s/" + data.token + "?embed=1";
    panel.appendChild(frame);
    shadow.appendChild(panel);

    // The panel opens by itself, so it takes no focus; when it closes, the focus goes back to where it was.
    var lastFocus = null;
    function note(e) { if (e.target !== host) { lastFocus = e.target; before = null; } }
    document.addEventListener("focusin", note);

    function end() {
      remember();
      var inside = document.activeElement === host;
      removeEventListener("message", hear);
      document.removeEventListener("focusin", note);
      host.remove();
      if (inside && before && before.isConnected) before.focus();
    }

    function hear(e) {
      var said = e.data;
      if (e.origin !== origin || e.source !== frame.contentWindow || !said || said.cxloop !== 1) return;
      if (said.escape) { if (!inline) end(); return; }
      var open = panel.classList.contains("open");
      // Who has answered before, or whose survey is over, is not bothered.
      if (!open && said.step !== "score") { end(); return; }
      var word = words[String(said.lang).slice(0, 2)] || words.en;
      frame.title = word[0];
      if (!inline) {
        panel.setAttribute("aria-label", word[0]);
        close.setAttribute("aria-label", word[1]);
      }
      host.lang = String(said.lang);
      var height = Math.max(160, Number(said.height) || 0);
      frame.style.height = (inline ? height : Math.min(height, Math.max(160, innerHeight - 96))) + "px";
      panel.classList.add("open");
      if (said.step === "done") remember();
    }
    addEventListener("message", hear);
    into.appendChild(host);
  }
})();
