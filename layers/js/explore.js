/*
 * Exploring on the map: units set back by a filter or a threshold, the slider of the threshold, overlays in order, and
 * where the map stands, kept behind the `#` of the page's address.
 *
 * Every count comes from the server with the slider's stops; here one is only looked up, so that a drag needs no answer.
 */
(function () {
  "use strict";

  var make = window.vunglom.make;
  var DIMMED = { color: "#94a3b8", weight: 0.6, opacity: 0.5 };
  var DIMMED_FILL = 0.1;
  var DIMMED_HATCH = 0.18;
  var WRITE_EVERY_MS = 400;

  var my = { map: null, dim: {}, limits: null, limit: null, told: "null", home: null, address: "", box: null, touched: 0 };

  function isOff(code) {
    if (my.dim[code]) {
      return true;
    }
    if (!my.limit || !my.limits) {
      return false;
    }
    var place = my.limits.place[code];
    if (place === undefined || place < 0) {
      return true; // not known: on neither side
    }
    return (place <= my.limit.stop) !== (my.limit.side === "<");
  }

  /* The style of a unit, set back where it is outside the filter or on the other side of the threshold. */
  function look(style, code, chosen) {
    if (!isOff(code)) {
      return style;
    }
    if (!chosen) {
      Object.assign(style, DIMMED);
    }
    style.below = false; // set back to the ground, whichever that is
    style.fillOpacity = style.fillOpacity ? DIMMED_FILL : 0;
    if (style.hatch) {
      style.hatch = Object.assign({}, style.hatch, { alpha: DIMMED_HATCH });
    }
    return style;
  }

  function report() {
    var dimmed = window.vunglom.codes().filter(isOff);
    window.vunglomState.dimmed = dimmed;
    window.vunglomState.limit = my.limit && my.limits ? { side: my.limit.side, at: my.limits.stops[my.limit.stop] } : null;
  }

  function restyle() {
    window.vunglom.restyle();
    report();
  }

  /* ---- the slider ---- */

  function build(map) {
    var box = make("div", "vl-limit", map.getContainer());
    L.DomEvent.disableClickPropagation(box);
    L.DomEvent.disableScrollPropagation(box);
    var open = make("button", "vl-limit-open", box);
    open.type = "button";
    var body = make("div", "vl-limit-body", box);
    var line = make("div", "vl-limit-line", body);
    var side = make("select", "", line);
    [["<", "below"], [">=", "above"]].forEach(function (pair) {
      var option = make("option", "", side);
      option.value = pair[0];
      option.dataset.key = pair[1];
    });
    var slider = make("input", "", line);
    slider.type = "range";
    slider.min = 0;
    slider.step = 1;
    var said = make("p", "", body);
    said.setAttribute("role", "status");
    var keep = make("button", "vl-limit-keep", body);
    keep.type = "button";
    open.addEventListener("click", function () {
      set(my.limit ? null : { side: "<", stop: my.limits.start });
      tell(false);
      if (my.limit) {
        slider.focus();
      }
    });
    side.addEventListener("change", function () {
      set({ side: side.value, stop: Number(slider.value) });
      tell(false);
    });
    slider.addEventListener("input", function () {
      set({ side: side.value, stop: Number(slider.value) });
    });
    slider.addEventListener("change", function () {
      tell(false);
    });
    keep.addEventListener("click", function () {
      tell(true);
    });
    // arrows move the slider, not the map below it
    box.addEventListener("keydown", function (event) {
      event.stopPropagation();
    });
    return { all: box, open: open, body: body, side: side, slider: slider, said: said, keep: keep };
  }

  function unitsText(count) {
    var texts = my.limits.texts;
    return (count === 1 ? texts.unit : texts.units).replace("{count}", figureText(count));
  }

  function figureText(figure) {
    return new Intl.NumberFormat(my.limits.language === "vi" ? "vi-VN" : "en-GB", { useGrouping: "always" }).format(figure);
  }

  /* Units, the known of their people, and the units whose people are not known, as `layers.people_words` says them. */
  function count(triple) {
    var texts = my.limits.texts;
    var units = unitsText(triple[0]);
    if (triple[1] === null) {
      return units;
    }
    var said = (triple[2] ? texts.people_least : texts.people_count).replace("{count}", figureText(triple[1]));
    if (triple[2]) {
      said += "; " + texts.people_unknown_of.replace("{units}", unitsText(triple[2]));
    }
    return units + " · " + said;
  }

  function sentence() {
    var below = my.limit.side === "<";
    var texts = my.limits.texts;
    var value = my.limits.labels[my.limit.stop];
    var said = (below ? texts.below : texts.above).replace("{value}", value) + ": ";
    said += count((below ? my.limits.below : my.limits.above)[my.limit.stop]);
    if (my.limits.missing[0]) {
      said += ". " + texts.missing.replace("{count}", count(my.limits.missing));
    }
    return said;
  }

  function draw() {
    var box = my.box;
    box.all.hidden = !my.limits;
    if (!my.limits) {
      return;
    }
    var texts = my.limits.texts;
    var on = Boolean(my.limit);
    box.open.textContent = on ? texts.close : texts.open;
    box.open.setAttribute("aria-expanded", String(on));
    box.body.hidden = !on;
    box.side.setAttribute("aria-label", texts.side_below + " / " + texts.side_above);
    Array.prototype.forEach.call(box.side.options, function (option) {
      option.textContent = texts["side_" + option.dataset.key];
    });
    box.slider.max = my.limits.stops.length - 1;
    box.slider.setAttribute("aria-label", texts.slider);
    box.keep.textContent = texts.keep;
    if (on) {
      box.side.value = my.limit.side;
      box.slider.value = my.limit.stop;
      box.said.textContent = sentence();
      box.slider.setAttribute("aria-valuetext", my.limits.labels[my.limit.stop]);
    }
  }

  function set(limit) {
    my.limit = limit;
    my.touched = Date.now();
    draw();
    restyle();
  }

  function written(limit) {
    return limit ? my.limits.column + limit.side + my.limits.stops[limit.stop] : "";
  }

  function tell(keep) {
    my.told = JSON.stringify(my.limit);
    window.vunglom.tell({ limit: written(my.limit), column: my.limits.column, keep: keep });
  }

  function adopt(given) {
    var news = JSON.stringify(given.limit);
    var other = !my.limits || !given.limits || my.limits.column !== given.limits.column;
    my.limits = given.limits;
    // the answer to an older drag must not take the slider out of the hand
    if (other || (news !== my.told && Date.now() - my.touched > 1500) || !my.limits) {
      my.limit = my.limits ? given.limit : null;
    }
    if (my.limit && my.limit.stop >= my.limits.stops.length) {
      my.limit = given.limit;
    }
    my.told = news;
    draw();
  }

  /* ---- where the map stands ---- */

  function here() {
    var centre = my.map.getCenter();
    return [centre.lat.toFixed(4), centre.lng.toFixed(4), my.map.getZoom().toFixed(1)].join(",");
  }

  function there() {
    var page = window.parent;
    var left = page.vunglomLeft;
    if (left && left.hash === page.location.hash && left.page !== my.page) {
      return null; // the map of the page before wrote it while this one came
    }
    var found = /^#at=(-?[0-9.]+),(-?[0-9.]+),([0-9.]+)$/.exec(page.location.hash);
    var numbers = found ? found.slice(1).map(Number) : [];
    var fits = found && numbers.every(isFinite) && Math.abs(numbers[0]) <= 90 && Math.abs(numbers[1]) <= 180;
    return fits ? numbers : null;
  }

  function write() {
    var page = window.parent;
    var wanted = my.address && my.address !== my.home ? "#at=" + my.address : "";
    if (page.location.hash !== wanted && (wanted || /^#at=/.test(page.location.hash))) {
      page.history.replaceState(page.history.state, "", page.location.pathname + page.location.search + wanted);
      page.vunglomLeft = { hash: wanted, page: my.page };
    }
  }

  function goThere() {
    var at = there();
    if (at) {
      my.map.setView([at[0], at[1]], at[2], { animate: false });
    }
    return Boolean(at);
  }

  /* Left at the page's window, as one map becomes two or two become one: Streamlit writes an address without a place before the
     frames that come can read it. */
  function leave() {
    my.address = here();
    window.parent.vunglomPlace = { at: my.address, isHome: my.address === my.home, focus: my.focus, isPair: my.isPair };
  }

  function takeUp() {
    var place = window.parent.vunglomPlace;
    if (!place || place.isPair === my.isPair) {
      return;
    }
    my.taken = place;
    if (!place.isHome) {
      var at = place.at.split(",").map(Number);
      my.map.setView([at[0], at[1]], at[2], { animate: false });
    }
  }

  function begin(map, placed) {
    my.map = map;
    my.box = build(map);
    my.home = here();
    my.placed = placed;
    if (!placed) {
      return; // one of two maps that move as one: the other keeps the place of both in the address
    }
    if (!goThere()) {
      takeUp();
    }
    leave();
    map.on("moveend", leave);
    // a step through history brings its own place along; one without is the view that the page opens with
    function step() {
      if (!goThere() && my.homeBounds) {
        window.vunglomFrame.fit(map, my.homeBounds);
        my.home = here(); // the frame may have another size by now
      }
      leave();
    }
    window.parent.addEventListener("popstate", step);
    // Streamlit writes the address without what stands behind the #: it is put back
    var timer = window.setInterval(write, WRITE_EVERY_MS);
    window.addEventListener("pagehide", function () {
      window.clearInterval(timer);
      window.parent.removeEventListener("popstate", step);
    });
  }

  /* ---- overlays ---- */

  function orderExtras(layers, extras) {
    extras.forEach(function (extra) {
      var layer = layers[extra.url || extra.id];
      if (layer && layer.bringToFront) {
        layer.bringToFront();
      }
    });
  }

  window.vunglomExplore = {
    look: look,
    orderExtras: orderExtras,
    /* Before the units are painted. */
    take: function (given) {
      var part = given.explore || { dim: [], limits: null, limit: null };
      my.dim = {};
      part.dim.forEach(function (code) {
        my.dim[code] = true;
      });
      if (my.box || !given.explore) {
        if (my.box) {
          adopt(part);
        }
        return;
      }
      my.limits = part.limits;
      my.limit = part.limits ? part.limit : null;
      my.told = JSON.stringify(part.limit);
    },
    /* After they are. `fresh`: the first of this map, whose view the address may know better. */
    shown: function (map, given) {
      if (!given.explore) {
        return;
      }
      my.homeBounds = given.bounds;
      my.focus = given.focus ? given.focus.id : my.focus;
      if (!my.map) {
        my.page = given.explore.page;
        my.isPair = Boolean(given.side);
        begin(map, given.explore.placed);
        draw();
      }
      report();
    },
    /* The view is the one that the page opens with, which the address leaves out. */
    isHome: function () {
      if (my.map && my.placed) {
        my.home = here();
        leave();
      }
    },
    /* Whether the address says where to look, or the map before this one did, so that a place looked at before does not win. */
    isPlaced: function () {
      return Boolean(there() || (my.taken && my.taken.focus === my.focus));
    },
  };
})();
