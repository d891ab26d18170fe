/*
 * What a map needs beside its units: distance and area, coordinates, full screen, back to the whole list.
 *
 * Every tool is a button that the keyboard reaches; where a mouse would point, the keyboard has the middle of the map, marked by
 * a cross. Distances are geodesics of the WGS 84 ellipsoid, areas those of the sphere with the ellipsoid's surface.
 */
(function () {
  "use strict";

  var make = window.vunglom.make;
  var sign = window.vunglom.sign;
  var AXIS = 6378137;
  var FLATTENING = 1 / 298.257223563;
  var LINE = { color: "#7c2d92", weight: 3, opacity: 1, fill: false, interactive: false };
  var FACE = { color: "#7c2d92", weight: 3, opacity: 1, fill: true, fillColor: "#7c2d92", fillOpacity: 0.15, interactive: false };
  var CORNER = { radius: 5, color: "#7c2d92", weight: 2, fillColor: "#ffffff", fillOpacity: 1, interactive: false };
  var SIGNS = {
    open: "M4 7 H20 M4 12 H20 M4 17 H20",
    distance: "M4 18 L18 4 M3 15 L7 21 M16 3 L21 7 M9 11 L11 14",
    area: "M5 19 L4 8 L14 4 L20 12 L16 20 Z",
    where: "M12 3 V9 M12 15 V21 M3 12 H9 M15 12 H21",
    whole: "M4 11 L12 4 L20 11 M6 10 V20 H18 V10",
    full: "M4 9 V4 H9 M15 4 H20 V9 M20 15 V20 H15 M9 20 H4 V15",
  };
  var TOOLS = ["distance", "area", "where", "whole", "full"];
  var SLIP_PX = 4; // the second click of a double one lies this close to the first

  var map = null;
  var texts = {};
  var bounds = null;
  var legend = null;
  var box = null; // {all, list, open, hint, where, key}
  var mode = null; // {tool, points, layers, next}
  var pointed = null; // where the mouse is

  /* ---- on the ellipsoid ---- */

  function radians(degrees) {
    return (degrees * Math.PI) / 180;
  }

  /* Metres along the geodesic between two points (T. Vincenty 1975, inverse); NaN where it does not settle: nearly opposite points. */
  function distance(one, two) {
    var minor = AXIS * (1 - FLATTENING);
    var across = radians(two.lng - one.lng);
    var u = [one, two].map(function (at) {
      return Math.atan((1 - FLATTENING) * Math.tan(radians(at.lat)));
    });
    var sines = u.map(Math.sin);
    var cosines = u.map(Math.cos);
    var lambda = across;
    for (var round = 0; round < 200; round += 1) {
      var sinus = Math.hypot(
        cosines[1] * Math.sin(lambda),
        cosines[0] * sines[1] - sines[0] * cosines[1] * Math.cos(lambda)
      );
      if (sinus === 0) {
        return 0;
      }
      var cosinus = sines[0] * sines[1] + cosines[0] * cosines[1] * Math.cos(lambda);
      var sigma = Math.atan2(sinus, cosinus);
      var sinAlpha = (cosines[0] * cosines[1] * Math.sin(lambda)) / sinus;
      var cosAlpha2 = 1 - sinAlpha * sinAlpha;
      var middle = cosAlpha2 === 0 ? 0 : cosinus - (2 * sines[0] * sines[1]) / cosAlpha2;
      var c = (FLATTENING / 16) * cosAlpha2 * (4 + FLATTENING * (4 - 3 * cosAlpha2));
      var before = lambda;
      var inner = middle + c * cosinus * (2 * middle * middle - 1);
      lambda = across + (1 - c) * FLATTENING * sinAlpha * (sigma + c * sinus * inner);
      if (Math.abs(lambda - before) < 1e-12) {
        var u2 = (cosAlpha2 * (AXIS * AXIS - minor * minor)) / (minor * minor);
        var a = 1 + (u2 / 16384) * (4096 + u2 * (-768 + u2 * (320 - 175 * u2)));
        var b = (u2 / 1024) * (256 + u2 * (-128 + u2 * (74 - 47 * u2)));
        var first = cosinus * (2 * middle * middle - 1);
        var second = (b / 6) * middle * (4 * sinus * sinus - 3) * (4 * middle * middle - 3);
        return minor * a * (sigma - b * sinus * (middle + (b / 4) * (first - second)));
      }
    }
    return NaN;
  }

  function length(points) {
    return points.slice(1).reduce(function (sum, at, place) {
      return sum + distance(points[place], at);
    }, 0);
  }

  /* The part of the surface between equator and latitude, as a sine: 1 at the pole (J. P. Snyder 1987, 3-11, 3-12). */
  function authalic(lat) {
    var e = Math.sqrt(FLATTENING * (2 - FLATTENING));
    function q(sinus) {
      var part = e * sinus;
      return (1 - e * e) * (sinus / (1 - part * part) - Math.log((1 - part) / (1 + part)) / (2 * e));
    }
    return Math.asin(Math.max(-1, Math.min(1, q(Math.sin(radians(lat))) / q(1))));
  }

  /* Square metres inside a ring: spherical excess of each edge (C. F. F. Karney 2013, equation 63) on the sphere of equal surface. */
  function area(points) {
    var e = Math.sqrt(FLATTENING * (2 - FLATTENING));
    var polar = 1 - (((1 - e * e) / (2 * e)) * Math.log((1 - e) / (1 + e)));
    var radius2 = (AXIS * AXIS * polar) / 2;
    var excess = points.reduce(function (sum, at, place) {
      var next = points[(place + 1) % points.length];
      var halves = [at, next].map(function (one) {
        return Math.tan(authalic(one.lat) / 2);
      });
      var turn = Math.tan(radians(next.lng - at.lng) / 2);
      return sum + 2 * Math.atan((turn * (halves[0] + halves[1])) / (1 + halves[0] * halves[1]));
    }, 0);
    return Math.abs(excess) * radius2;
  }

  function side(a, b, c) {
    return Math.sign((b.lng - a.lng) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lng - a.lng));
  }

  /* Whether two edges of the ring cross: such a ring has no area. */
  function crosses(points) {
    var count = points.length;
    for (var i = 0; i < count; i += 1) {
      for (var j = i + 2; j < count; j += 1) {
        if ((j + 1) % count === i) {
          continue;
        }
        var a = points[i];
        var b = points[i + 1];
        var c = points[j];
        var d = points[(j + 1) % count];
        if (side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b)) {
          return true;
        }
      }
    }
    return false;
  }

  /* ---- in words ---- */

  function write(value, decimals) {
    return value.toLocaleString(texts.locale, {
      minimumFractionDigits: decimals,
      maximumFractionDigits: decimals,
      useGrouping: "always",
    });
  }

  function metres(value) {
    return value < 1000 ? write(value, 0) + " m" : write(value / 1000, value < 100000 ? 2 : 1) + " km";
  }

  function squares(value) {
    return value < 100000 ? write(value, 0) + " m²" : write(value / 1e6, value < 1e8 ? 2 : 0) + " km²";
  }

  function degrees(at) {
    at = at.wrap();
    var ways = [at.lat < 0 ? texts.south : texts.north, at.lng < 0 ? texts.west : texts.east];
    return write(Math.abs(at.lat), 5) + "° " + ways[0] + " · " + write(Math.abs(at.lng), 5) + "° " + ways[1];
  }

  function sentence() {
    var points = mode.points;
    if (mode.tool === "distance") {
      return points.length < 2 ? texts.distance_start : texts.distance_said.replace("{length}", metres(length(points)));
    }
    if (points.length < 3) {
      return texts.area_start;
    }
    if (crosses(points)) {
      return texts.area_crossed;
    }
    return texts.area_said.replace("{area}", squares(area(points))).replace("{length}", metres(length(points.concat([points[0]]))));
  }

  /* ---- measuring ---- */

  function start(tool) {
    stop();
    mode = { tool: tool, points: [], done: false, layers: L.layerGroup().addTo(map), next: L.layerGroup().addTo(map) };
    map.doubleClickZoom.disable();
    map.getContainer().classList.add("vl-measuring");
    show();
  }

  function stop() {
    if (mode) {
      mode.layers.remove();
      mode.next.remove();
      map.doubleClickZoom.enable();
      map.getContainer().classList.remove("vl-measuring");
    }
    mode = null;
    show();
  }

  function addPoint(at) {
    var last = mode.points[mode.points.length - 1];
    if (last && map.latLngToContainerPoint(last).distanceTo(map.latLngToContainerPoint(at)) < SLIP_PX) {
      finish();
      return;
    }
    if (mode.done) {
      mode.points = [];
      mode.done = false;
    }
    mode.points.push(at);
    show();
  }

  function finish() {
    mode.done = true;
    show();
  }

  function undo() {
    mode.points.pop();
    mode.done = false;
    show();
  }

  function withPane(style) {
    return L.extend({ pane: "vl-measure", renderer: box.renderer }, style);
  }

  function draw() {
    mode.layers.clearLayers();
    mode.next.clearLayers();
    if (mode.points.length > 1) {
      var shape = mode.tool === "area" ? L.polygon(mode.points, withPane(FACE)) : L.polyline(mode.points, withPane(LINE));
      shape.addTo(mode.layers);
    }
    mode.points.forEach(function (at) {
      L.circleMarker(at, withPane(CORNER)).addTo(mode.layers);
    });
  }

  /* The edge that the next click would add. */
  function preview(at) {
    mode.next.clearLayers();
    if (mode.points.length && !mode.done) {
      var last = mode.points[mode.points.length - 1];
      L.polyline([last, at], withPane(L.extend({}, LINE, { weight: 2, dashArray: "5 5" }))).addTo(mode.next);
    }
  }

  /* ---- what is shown ---- */

  function button(parent, name, act) {
    var one = make("button", "vl-map-tool", parent);
    one.type = "button";
    one.dataset.tool = name;
    one.appendChild(sign(SIGNS[name]));
    make("span", "", one);
    one.addEventListener("click", act);
    return one;
  }

  function word(parent, name, act) {
    var one = make("button", "", parent);
    one.type = "button";
    one.dataset.act = name;
    one.textContent = texts[name];
    one.addEventListener("click", act);
    return one;
  }

  function still(one) {
    L.DomEvent.disableClickPropagation(one);
    L.DomEvent.disableScrollPropagation(one);
    L.DomEvent.on(one, "mousemove", L.DomEvent.stopPropagation);
    // Leaflet looks for the mark of a disabled click above the button, which is made anew by its own click
    one.addEventListener("click", function (event) {
      event.stopPropagation();
    });
    // arrows and letters are the box's, not the map's below it
    one.addEventListener("keydown", function (event) {
      if (event.key === "Escape") {
        escape();
      }
      event.stopPropagation();
    });
    return one;
  }

  function escape() {
    if (mode) {
      stop();
    } else if (box.open.getAttribute("aria-expanded") === "true") {
      unfold(false);
      box.open.focus();
    }
  }

  function unfold(on) {
    box.open.setAttribute("aria-expanded", String(on));
    box.all.classList.toggle("vl-unfolded", on);
  }

  function act(name) {
    if (name === "distance" || name === "area") {
      if (mode && mode.tool === name) {
        stop();
      } else {
        start(name);
      }
    } else if (name === "where") {
      box.where.hidden = !box.where.hidden;
      show();
    } else if (name === "whole") {
      window.vunglomFrame.fit(map, bounds);
      window.vunglomExplore.isHome();
    } else if (document.fullscreenElement) {
      document.exitFullscreen();
    } else {
      map.getContainer().requestFullscreen();
    }
    unfold(false);
  }

  function makeBar() {
    var control = L.control({ position: "topleft" });
    control.onAdd = function () {
      var all = L.DomUtil.create("div", "leaflet-bar vl-map-tools");
      var open = button(all, "open", function () {
        unfold(open.getAttribute("aria-expanded") !== "true");
      });
      open.classList.add("vl-map-open");
      open.setAttribute("aria-expanded", "false");
      all.setAttribute("role", "group");
      TOOLS.forEach(function (name) {
        // a telephone's browser may have no full screen for a page's part
        if (name !== "full" || document.fullscreenEnabled) {
          button(all, name, function () {
            act(name);
          });
        }
      });
      box = { all: still(all), open: open };
      return all;
    };
    control.addTo(map);
  }

  function begin(given) {
    map = given;
    var container = map.getContainer();
    // a click on a map that is partly out of sight must not scroll the page under the mouse
    container.focus = function () {
      HTMLElement.prototype.focus.call(container, { preventScroll: true });
    };
    map.createPane("vl-measure").style.zIndex = 630;
    makeBar();
    box.renderer = L.svg({ pane: "vl-measure" });
    box.hint = still(make("div", "vl-map-hint", container));
    box.where = make("div", "vl-map-where", container);
    box.where.hidden = true;
    box.where.setAttribute("role", "status");
    box.cross = make("div", "vl-map-cross", container);
    box.cross.setAttribute("aria-hidden", "true");
    box.key = make("div", "vl-map-key", container);
    map.on("click", function (event) {
      if (mode) {
        addPoint(event.latlng);
      }
    });
    map.on("mousemove", function (event) {
      pointed = event.latlng;
      sayWhere();
      if (mode) {
        preview(pointed);
      }
    });
    map.on("mouseout", function () {
      pointed = null;
      sayWhere();
    });
    map.on("move", function () {
      // a drag moves the map under a mouse that stays; keys move it under none
      pointed = null;
      sayWhere();
    });
    container.addEventListener("keydown", function (event) {
      if (event.key === "Escape") {
        escape();
      } else if (event.key === "Enter" && mode && event.target === container) {
        addPoint(map.getCenter());
      }
    });
    document.addEventListener("fullscreenchange", function () {
      window.vunglomFrame.resize();
      show();
    });
  }

  function sayWhere() {
    var atCentre = !pointed;
    box.cross.hidden = !(atCentre && (mode || !box.where.hidden));
    if (!box.where.hidden) {
      var said = degrees(pointed || map.getCenter());
      box.where.textContent = atCentre ? texts.centre.replace("{at}", said) : said;
      // spoken only where the map came to rest: a mouse would never let it finish
      box.where.setAttribute("aria-live", atCentre ? "polite" : "off");
    }
  }

  function showHint() {
    box.hint.hidden = !mode;
    var held = document.activeElement && box.hint.contains(document.activeElement) ? document.activeElement.dataset.act : null;
    box.hint.replaceChildren();
    if (!mode) {
      return;
    }
    var said = make("span", "", box.hint);
    said.setAttribute("role", "status");
    said.textContent = sentence();
    if (!mode.points.length) {
      make("span", "vl-map-keys", box.hint).textContent = texts.keys;
    }
    word(box.hint, "add", function () {
      addPoint(map.getCenter());
    });
    if (mode.points.length) {
      word(box.hint, "undo", undo);
    }
    word(box.hint, "end", stop);
    var again = held && (box.hint.querySelector('[data-act="' + held + '"]') || box.hint.querySelector("button"));
    if (again) {
      again.focus();
    }
  }

  /* The colours in words, for a full screen, where the page's legend is out of sight. */
  function showKey() {
    box.key.hidden = !document.fullscreenElement || !legend;
    box.key.replaceChildren();
    if (box.key.hidden) {
      return;
    }
    make("strong", "", box.key).textContent = legend.title;
    legend.lines.forEach(function (line) {
      var row = make("div", "", box.key);
      var patch = make("i", "", row);
      patch.style.background = line[2]
        ? "repeating-linear-gradient(135deg," + line[1] + " 0 4px," + line[2] + " 4px 5px)"
        : line[1];
      make("span", "", row).textContent = line[0];
    });
  }

  function show() {
    box.all.setAttribute("aria-label", texts.open);
    box.all.querySelectorAll("button").forEach(function (one) {
      var name = one.dataset.tool;
      var said = texts[name === "full" && document.fullscreenElement ? "full_end" : name];
      one.querySelector("span").textContent = said;
      one.setAttribute("aria-label", said);
      if (name === "distance" || name === "area") {
        one.setAttribute("aria-pressed", String(Boolean(mode && mode.tool === name)));
      } else if (name === "where") {
        one.setAttribute("aria-pressed", String(!box.where.hidden));
      }
    });
    if (mode) {
      draw();
    }
    showHint();
    sayWhere();
    showKey();
    window.vunglomState.tool = mode
      ? { name: mode.tool, points: mode.points.length, metres: length(mode.points), squares: mode.points.length > 2 ? area(mode.points) : null }
      : null;
  }

  window.vunglomTools = {
    distance: distance,
    area: area,
    crosses: crosses,
    /* A click is a corner, not a choice of the unit below it. */
    isBusy: function () {
      return Boolean(mode);
    },
    show: function (given, message) {
      texts = message.tools.texts;
      legend = message.tools.legend;
      bounds = message.bounds;
      if (!map) {
        begin(given);
      }
      show();
    },
  };
})();
