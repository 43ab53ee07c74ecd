// Tells the page around an embedded survey which step is shown, and how high it is. Nothing of the answer.
(function () {
  "use strict";
  var body = document.body;
  function tell(message) {
    message.cxloop = 1;
    parent.postMessage(message, "*"); // frame-ancestors says whose pages these are
  }
  function tellSize() {
    var page = document.documentElement;
    tell({step: body.dataset.step, lang: page.lang, height: Math.ceil(page.getBoundingClientRect().height)});
  }
  tellSize(); // browsers do not observe what nobody sees yet
  new ResizeObserver(tellSize).observe(body);
  addEventListener("keydown", function (e) { if (e.key === "Escape") tell({escape: true}); });
})();
