/*
 * A speed quarter by quarter: every quarter of every unit comes once, and the map steps through them without the server.
 *
 * The server is told the quarter only where it comes to rest, so that it can stand in the address.
 */
(function () {
  "use strict";

  var make = window.vunglom.make;
  var PACES_MS = { slow: 2500, normal: 1300, fast: 650 };

  var given = null; // the message that is shown
  var map = null;
  var at = 0; // place of the shown quarter
  var told = null; // the quarter that the server knows
  var timer = null;
  var pace = "normal";
  var box = null;

  function all() {
    return given.quarters;
  }

  function write(value, decimals) {
    return Number(value).toLocaleString(all().locale, {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
      useGrouping: "always",
    });
  }

  /* One unit in one quarter as the map's script wants it; `cell`: class:mean:low:high:tests:thin, the class alone without tests. */
  function entry(label, cell) {
    var texts = all().texts;
    var parts = cell.split(":");
    if (parts.length === 1) {
      return [Number(parts[0]), label, texts.none, ""];
    }
    var notes = [texts.mean];
    if (parts[2]) {
      notes.push(texts.interval.replace("{low}", write(parts[2], 1)).replace("{high}", write(parts[3], 1)));
    }
    notes.push(texts.tests.replace("{count}", write(parts[4], 0)));
    if (parts[5] === "1") {
      notes.push(texts.thin);
    }
    return [Number(parts[0]), label, texts.value.replace("{value}", write(parts[1], 1)), notes.join(" · "), Number(parts[5])];
  }

  function fill(message, place) {
    Object.keys(message.quarters.rows).forEach(function (code) {
      var label = (message.units[code] || ["", code])[1];
      message.units[code] = entry(label, message.quarters.rows[code].split(" ")[place]);
    });
    window.vunglomState.quarter = message.quarters.names[place];
  }

  function step(place) {
    at = place;
    fill(given, at);
    window.vunglom.repaint();
    draw();
  }

  function tell() {
    var name = all().names[at];
    if (name !== told) {
      told = name;
      window.vunglom.tell({ quarter: name });
    }
  }

  function pause() {
    window.clearInterval(timer);
    timer = null;
    draw();
  }

  function rest() {
    pause();
    tell();
  }

  function next() {
    if (at + 1 < all().names.length) {
      step(at + 1);
    }
    if (at + 1 >= all().names.length) {
      rest();
    }
  }

  function run() {
    window.clearInterval(timer);
    timer = window.setInterval(next, PACES_MS[pace]);
  }

  function play() {
    if (at + 1 >= all().names.length) {
      step(0);
    }
    run();
    draw();
  }

  /* ---- the bar ---- */

  function button(parent, act) {
    var one = make("button", "", parent);
    one.type = "button";
    one.addEventListener("click", act);
    return one;
  }

  function makeBar() {
    var bar = make("div", "vl-quarters", map.getContainer());
    bar.setAttribute("role", "group");
    L.DomEvent.disableClickPropagation(bar);
    L.DomEvent.disableScrollPropagation(bar);
    L.DomEvent.on(bar, "mousemove", L.DomEvent.stopPropagation);
    // arrows move the slider, not the map below it
    bar.addEventListener("keydown", function (event) {
      event.stopPropagation();
    });
    var said = make("p", "", bar);
    said.setAttribute("role", "status");
    var name = make("strong", "", said);
    var count = make("span", "", said);
    var line = make("div", "vl-quarters-line", bar);
    var start = button(line, function () {
      if (timer) {
        rest();
      } else {
        play();
      }
    });
    var slider = make("input", "", line);
    slider.type = "range";
    slider.min = 0;
    slider.step = 1;
    slider.addEventListener("input", function () {
      var wanted = Number(slider.value); // before the bar is drawn anew with the quarter shown
      pause();
      step(wanted);
    });
    slider.addEventListener("change", rest);
    var speed = make("select", "", line);
    Object.keys(PACES_MS).forEach(function (key) {
      make("option", "", speed).value = key;
    });
    speed.value = pace;
    new ResizeObserver(makeRoom).observe(bar);
    speed.addEventListener("change", function () {
      pace = speed.value;
      if (timer) {
        run();
      }
    });
    return { all: bar, said: said, name: name, count: count, line: line, start: start, slider: slider, speed: speed };
  }

  function draw() {
    var texts = all().texts;
    var measured = all().measured[at];
    box.all.hidden = false;
    box.all.setAttribute("aria-label", texts.bar);
    box.name.textContent = all().words[at];
    box.count.textContent = texts.measured.replace("{count}", write(measured, 0)).replace("{of}", write(Object.keys(all().rows).length, 0));
    // the words change by themselves while it plays: a screen reader is told where they rest
    box.said.setAttribute("aria-live", timer ? "off" : "polite");
    box.line.hidden = !given.play;
    box.start.textContent = timer ? texts.pause : texts.play;
    box.start.dataset.act = timer ? "pause" : "play";
    box.slider.max = all().names.length - 1;
    box.slider.value = at;
    box.slider.setAttribute("aria-label", texts.slider);
    box.slider.setAttribute("aria-valuetext", all().words[at]);
    box.speed.setAttribute("aria-label", texts.speed);
    Array.prototype.forEach.call(box.speed.options, function (option) {
      option.textContent = texts[option.value];
    });
    window.vunglomState.playing = Boolean(timer);
  }

  /* The scale and what else stands at the foot of the map moves above the bar. */
  function makeRoom() {
    var bar = map.getContainer().querySelector(".vl-quarters");
    var high = bar.hidden ? 0 : bar.offsetHeight + 6;
    map.getContainer().style.setProperty("--vl-foot", high + "px");
  }

  window.vunglomQuarters = {
    /* Before the units are painted: those of the quarter to be shown are put into the message. */
    take: function (message) {
      if (!message.quarters) {
        return;
      }
      var names = message.quarters.names;
      var held = given ? given.quarters.names[at] : null;
      // the answer to an older click must not take back what plays on; a link or a step through history does
      var wanted = message.quarter !== told || names.indexOf(held) < 0 ? message.quarter : held;
      if (message.quarter !== told && timer) {
        window.clearInterval(timer);
        timer = null;
      }
      told = message.quarter;
      given = message;
      at = Math.max(0, names.indexOf(wanted));
      fill(given, at);
    },
    /* After they are. */
    shown: function (given_map, message) {
      map = given_map;
      if (!message.quarters) {
        window.clearInterval(timer);
        timer = null;
        window.vunglomState.quarter = null;
        window.vunglomState.playing = false;
        if (box) {
          box.all.hidden = true;
        }
        return;
      }
      box = box || makeBar();
      draw();
    },
  };

  document.addEventListener("visibilitychange", function () {
    if (document.hidden && timer) {
      pause();
    }
  });
})();
