"""The script of a report's page: figures fill the screen and can be enlarged, tables sort; all is read without it."""

from __future__ import annotations

SCRIPT = """
"use strict";
(function () {
  var box = null, image = null, scale = 1, x = 0, y = 0, drag = null, back = null;
  function place() { image.style.transform = "translate(" + x + "px," + y + "px) scale(" + scale + ")"; }
  function fit() { scale = 1; x = 0; y = 0; place(); }
  function zoom(factor, cx, cy) {
    var next = Math.min(20, Math.max(0.2, scale * factor)), part = next / scale;
    x = cx - (cx - x) * part; y = cy - (cy - y) * part; scale = next; place();
  }
  function middle(act) { return function () { zoom(act, 0, 0); }; }
  function close() { if (box) { box.remove(); box = null; drag = null; if (back) { back.focus(); } } }
  function key(event) {
    if (!box) { return; }
    var moves = { ArrowLeft: [60, 0], ArrowRight: [-60, 0], ArrowUp: [0, 60], ArrowDown: [0, -60] }[event.key];
    if (event.key === "Escape") { close(); }
    else if (event.key === "+" || event.key === "=") { zoom(1.25, 0, 0); }
    else if (event.key === "-") { zoom(0.8, 0, 0); }
    else if (event.key === "0") { fit(); }
    else if (moves) { x += moves[0]; y += moves[1]; place(); }
    else { return; }
    event.preventDefault();
  }
  function button(text, name, act) {
    var made = document.createElement("button");
    made.type = "button"; made.textContent = text; made.setAttribute("aria-label", name);
    made.addEventListener("click", act); return made;
  }
  function open(source) {
    back = source.parentNode;
    box = document.createElement("div");
    box.className = "zoom"; box.setAttribute("role", "dialog"); box.setAttribute("aria-modal", "true");
    box.setAttribute("aria-label", source.alt);
    image = document.createElement("img"); image.src = source.src; image.alt = source.alt; image.draggable = false;
    var bar = document.createElement("div"); bar.className = "zoom-bar";
    var shut = button("\\u00d7 Close", "Close (Escape)", close);
    bar.append(button("+", "Larger", middle(1.25)), button("\\u2212", "Smaller", middle(0.8)),
      button("Fit", "Fit to the window", fit), shut);
    box.append(image, bar); document.body.append(box); fit(); shut.focus();
    function from(event) {
      return [event.clientX - window.innerWidth / 2, event.clientY - window.innerHeight / 2];
    }
    box.addEventListener("wheel", function (event) {
      var at = from(event); event.preventDefault(); zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15, at[0], at[1]);
    }, { passive: false });
    image.addEventListener("pointerdown", function (event) {
      drag = [event.clientX - x, event.clientY - y]; image.setPointerCapture(event.pointerId);
    });
    image.addEventListener("pointermove", function (event) {
      if (drag) { x = event.clientX - drag[0]; y = event.clientY - drag[1]; place(); }
    });
    image.addEventListener("pointerup", function () { drag = null; });
    box.addEventListener("click", function (event) { if (event.target === box) { close(); } });
  }
  document.addEventListener("keydown", key);
  document.querySelectorAll("figure img").forEach(function (source) {
    var frame = document.createElement("button");
    frame.type = "button"; frame.className = "enlarge"; frame.setAttribute("aria-label", "Enlarge: " + source.alt);
    source.replaceWith(frame); frame.append(source);
    frame.addEventListener("click", function () { open(source); });
  });
  function value(cell) {
    var text = cell ? cell.textContent.trim() : "";
    var plain = text.replace(/[\\u202f\\u00a0 %]/g, "").replace(/,/g, "");
    return plain !== "" && !isNaN(plain) ? Number(plain) : text;
  }
  function order(a, b) {
    if (typeof a === "number" && typeof b === "number") { return a - b; }
    if (typeof a === "number") { return -1; }
    if (typeof b === "number") { return 1; }
    return a.localeCompare(b, undefined, { numeric: true });
  }
  document.querySelectorAll("table").forEach(function (table) {
    var body = table.tBodies[0];
    if (!body || body.rows.length < 3) { return; }
    table.querySelectorAll("thead th").forEach(function (head, column) {
      var made = button(head.textContent, "Sort by " + head.textContent, function () {
        var up = head.getAttribute("aria-sort") !== "ascending", rows = Array.from(body.rows);
        rows.sort(function (a, b) {
          var found = order(value(a.cells[column]), value(b.cells[column])); return up ? found : -found;
        });
        table.querySelectorAll("thead th").forEach(function (other) { other.removeAttribute("aria-sort"); });
        head.setAttribute("aria-sort", up ? "ascending" : "descending");
        body.append.apply(body, rows);
      });
      made.className = "sort"; head.textContent = ""; head.append(made);
    });
  });
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (part) { part.open = true; });
  });
}());
"""
