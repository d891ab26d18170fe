/*
 * The map's own script: units drawn once, repainted as often as asked.
 *
 * Geometry is fetched once per list of units and kept; a change of indicator, language, selection or overlay brings
 * only a small table {code: [class, name, value, note, thin]}. Text reaches the page through textContent alone.
 */
(function () {
  "use strict";

  var frame = window.vunglomFrame;
  var HATCH = "hatch";
  var OUTLINE = { color: "#ffffff", weight: 1, opacity: 0.9 };
  var HOVERED = { color: "#334155", weight: 2, opacity: 1, halo: true };
  var SELECTED = { color: "#0f172a", weight: 3.5, opacity: 1 };
  // in the dark: the light that the colours of units are mixed with, and the light beside lines that are too dark for the ground
  var BELOW = "#eef2f5";
  var HALO = { color: "#e2e8f0", more: 3, fine: "rgba(226, 232, 240, 0.4)" };

  var files = {}; // address -> promise of parsed GeoJSON
  var patterns = {};
  var mine = null; // what belongs to this frame's one map
  var clicks = 0;
  var shown = 0; // number of the latest call, so that a late answer never overwrites a newer one

  var leaving = false;
  window.addEventListener("pagehide", function () {
    leaving = true;
  });

  window.vunglomState = { ready: false, paints: 0, paintedAt: 0, classes: {}, thin: [], selected: null, overlays: [], places: [] };

  function fetchOnce(address) {
    if (window.vunglomFiles && window.vunglomFiles[address]) {
      return Promise.resolve(window.vunglomFiles[address]); // a page that opens by itself brings its outlines along
    }
    if (!files[address]) {
      files[address] = fetch(address).then(function (answer) {
        if (!answer.ok) {
          throw new Error(address + ": HTTP " + answer.status);
        }
        return answer.json();
      });
      files[address].catch(function () {
        delete files[address]; // so that the next change tries again
      });
    }
    return files[address];
  }

  function drawSlants(pen, color, width, slant, step) {
    pen.strokeStyle = color;
    pen.lineWidth = width;
    pen.beginPath();
    for (var offset = -2 * step; offset <= 2 * step; offset += step) {
      pen.moveTo(offset, slant > 0 ? step : 0);
      pen.lineTo(offset + step, slant > 0 ? 0 : step);
    }
    pen.stroke();
  }

  /* Diagonal lines of `line` on `ground` (null: see-through); `slant` is 1 or -1. See-through ones in the dark have a light edge. */
  function hatchPattern(context, line, ground, slant, step) {
    var edge = ground || !frame.isDark() ? null : HALO.fine;
    var key = [line, ground, slant, step, edge].join("|");
    if (!patterns[key]) {
      var tile = document.createElement("canvas");
      tile.width = tile.height = step;
      var pen = tile.getContext("2d");
      if (ground) {
        pen.fillStyle = ground;
        pen.fillRect(0, 0, step, step);
      }
      if (edge) {
        drawSlants(pen, edge, 2.5, slant, step);
      }
      drawSlants(pen, line, 1, slant, step);
      patterns[key] = context.createPattern(tile, "repeat");
    }
    return patterns[key];
  }

  /* What the dark ground asks for below a shape, so that its own colours stay what the legend says. */
  function paintBelow(context, options) {
    context.save();
    if (options.below) {
      context.fillStyle = BELOW;
      context.fill("evenodd");
    }
    if (options.halo) {
      context.setLineDash([]);
      context.globalAlpha = options.opacity;
      context.strokeStyle = options.halo === "fine" ? HALO.fine : HALO.color;
      context.lineWidth = options.weight + HALO.more;
      context.lineJoin = "round";
      context.stroke();
    }
    context.restore();
  }

  var paintPlain = L.Canvas.prototype._fillStroke;
  L.Canvas.include({
    _fillStroke: function (context, layer) {
      var hatch = layer.options[HATCH];
      if (frame.isDark()) {
        paintBelow(context, layer.options);
      }
      if (hatch) {
        context.save();
        context.globalAlpha = hatch.alpha === undefined ? (hatch.ground ? 1 : 0.6) : hatch.alpha;
        context.fillStyle = hatchPattern(context, hatch.line, hatch.ground, hatch.slant, hatch.step);
        context.fill("evenodd");
        context.restore();
      }
      paintPlain.call(this, context, layer);
    },
  });

  /* A map's tiles are light in the dark too, and are to be seen through the units. */
  function hasTiles(map) {
    var found = false;
    map.eachLayer(function (layer) {
      found = found || layer instanceof L.GridLayer;
    });
    return found;
  }

  function begin(map) {
    // above the units and deaf to the mouse, so that a unit can be clicked through an overlay
    var pane = map.createPane("vl-extras");
    pane.style.zIndex = 450;
    pane.style.pointerEvents = "none";
    map.createPane("vl-sites").style.zIndex = 610;
    map.on("zoomend", function () {
      thinLabels(map);
    });
    frame.adopt(map);
    frame.on("themed", function () {
      map.eachLayer(function (layer) {
        if (layer instanceof L.Path) {
          layer.redraw();
        }
      });
    });
    return {
      tiled: hasTiles(map),
      extras: {},
      extrasCanvas: L.canvas({ pane: "vl-extras" }),
      byCode: {},
      geo: null,
      units: null,
      selected: null,
      clicked: null,
      notice: null,
    };
  }

  function unitStyle(code) {
    var entry = mine.now.units[code];
    var look = mine.now.classes[entry ? entry[0] : mine.now.missing];
    var chosen = code === mine.selected;
    var edge = chosen ? SELECTED : OUTLINE;
    var thin = entry && entry[4] ? { line: look.thin, ground: look.fill, slant: -1, step: 7 } : null;
    var style = {
      color: edge.color,
      weight: edge.weight,
      opacity: edge.opacity,
      fill: true,
      fillColor: look.fill,
      fillOpacity: look.hatch || thin ? 0 : mine.now.opacity,
      hatch: look.hatch ? { line: look.hatch, ground: look.fill, slant: 1, step: 8 } : thin,
      below: !mine.tiled,
      halo: chosen,
    };
    return window.vunglomExplore.look(style, code, chosen);
  }

  function tooltipOf(layer) {
    var box = document.createElement("div");
    var entry = mine.now.units[layer.feature.properties.code];
    var name = document.createElement("strong");
    name.textContent = entry ? entry[1] : layer.feature.properties.code;
    var value = document.createElement("div");
    value.textContent = entry ? entry[2] : mine.now.texts.missing;
    box.append(name, value);
    if (entry && entry[3]) {
      var note = document.createElement("small");
      note.textContent = entry[3];
      box.append(note);
    }
    return box;
  }

  /* Tell the server something as if a feature with these properties had been clicked: the component listens to nothing else. */
  function tell(properties, latlng) {
    // numbered, so that a second click on the same unit is news too
    clicks += 1;
    var answer = { type: "Feature", geometry: null, properties: Object.assign({ click: clicks }, properties) };
    mine.group.fire("click", {
      latlng: latlng || L.latLng(0, 0),
      layer: {
        toGeoJSON: function () {
          return answer;
        },
      },
    });
  }

  function drawUnits(map, collection) {
    if (mine.units) {
      map.removeLayer(mine.units);
    }
    mine.byCode = {};
    mine.units = L.geoJSON(collection, {
      style: function (feature) {
        return unitStyle(feature.properties.code);
      },
      onEachFeature: function (feature, layer) {
        mine.byCode[feature.properties.code] = layer;
      },
    });
    mine.units.bindTooltip(tooltipOf, { sticky: true, direction: "top", offset: [0, -6], className: "vl-tip" });
    mine.units.on("mouseover", function (event) {
      if (event.layer.feature.properties.code !== mine.selected) {
        event.layer.setStyle(HOVERED).bringToFront();
        raiseSelected();
      }
    });
    mine.units.on("mouseout", function (event) {
      event.layer.setStyle(unitStyle(event.layer.feature.properties.code));
    });
    mine.units.on("click", function (event) {
      if (mine.now.inert || (mine.now.tools && window.vunglomTools.isBusy())) {
        return;
      }
      mine.clicked = event.layer.feature.properties.code;
      select(mine.clicked);
      // the unit's code, not its outline
      tell({ code: mine.clicked }, event.latlng);
    });
    // the component listens to every layer it finds when a message comes; it is told above, with a code and not an outline
    mine.units.on = function (types, act, context) {
      return types === "click" ? mine.units : L.GeoJSON.prototype.on.call(mine.units, types, act, context);
    };
    mine.units.addTo(map);
  }

  function raiseSelected() {
    var layer = mine.selected && mine.byCode[mine.selected];
    if (layer) {
      layer.bringToFront();
    }
  }

  function select(code) {
    var before = mine.selected;
    mine.selected = code;
    [before, code].forEach(function (one) {
      if (one && mine.byCode[one]) {
        mine.byCode[one].setStyle(unitStyle(one));
      }
    });
    raiseSelected();
    window.vunglomState.selected = code;
  }

  /* A unit chosen outside the map is brought into view; one clicked on the map is in view already. */
  function bringIntoView(map, code) {
    var layer = code && mine.byCode[code];
    if (layer && code !== mine.clicked && !map.getBounds().contains(layer.getBounds())) {
      map.panTo(layer.getBounds().getCenter());
    }
    if (code !== mine.clicked) {
      mine.clicked = null;
    }
  }

  function overlayStyle(overlay) {
    var strength = mine.now.explore ? mine.now.explore.opacity : 1;
    return {
      interactive: false,
      pane: "vl-extras",
      renderer: mine.extrasCanvas,
      color: overlay.color,
      weight: 1.8,
      opacity: 0.95 * strength,
      dashArray: overlay.dash,
      halo: "fine",
      fill: true,
      fillOpacity: 0,
      hatch: { line: overlay.color, ground: null, slant: overlay.slant, step: overlay.step, alpha: 0.6 * strength },
    };
  }

  function placeLayer(places, collection) {
    return L.geoJSON(collection, {
      interactive: false,
      pointToLayer: function (feature, at) {
        var dot = L.circleMarker(at, {
          interactive: false,
          pane: "vl-extras",
          renderer: mine.extrasCanvas,
          radius: places.radius,
          color: "#ffffff",
          weight: 1,
          opacity: 1,
          fillColor: places.color,
          fillOpacity: 1,
        });
        if (places.labelled) {
          var label = document.createElement("span");
          label.textContent = feature.properties.name;
          dot.bindTooltip(label, { permanent: true, direction: "right", offset: [4, 0], className: "vl-place" });
        }
        return dot;
      },
    });
  }

  /* Names that would lie over another name are hidden until there is room; earlier ones have precedence. */
  function thinLabels(map) {
    var labels = Array.from(map.getPane("tooltipPane").querySelectorAll(".vl-place"));
    // all are measured before any is changed: a change between two measures has the browser lay out the page again
    var boxes = labels.map(function (label) {
      return label.getBoundingClientRect();
    });
    var kept = [];
    labels.forEach(function (label, place) {
      var own = boxes[place];
      var hidden = kept.some(function (other) {
        return own.left < other.right && other.left < own.right && own.top < other.bottom && other.top < own.bottom;
      });
      label.style.visibility = hidden ? "hidden" : "visible";
      if (!hidden) {
        kept.push(own);
      }
    });
  }

  /* Sites with their number, the gain of each in a hover or a tap. */
  function siteLayer(extra) {
    return L.layerGroup(
      extra.sites.map(function (site) {
        var dot = document.createElement("span");
        dot.textContent = site.label;
        var icon = L.divIcon({ className: "vl-chosen", html: dot, iconSize: [24, 24] });
        var said = document.createElement("div");
        said.textContent = site.said;
        var marker = L.marker([site.lat, site.lon], { icon: icon, pane: "vl-sites", keyboard: false });
        return marker.bindTooltip(said, { direction: "top", offset: [0, -12], className: "vl-tip" });
      })
    );
  }

  /* An area sent along with the message, solid, so that a change stands out. */
  function areaLayer(extra) {
    return L.geoJSON(extra.shape, {
      interactive: false,
      style: {
        interactive: false,
        pane: "vl-extras",
        renderer: mine.extrasCanvas,
        color: extra.color,
        weight: extra.weight,
        dashArray: extra.dash,
        halo: true,
        fill: true,
        fillColor: extra.color,
        fillOpacity: extra.opacity,
      },
    });
  }

  function makeExtra(extra, collection) {
    if (extra.kind === "places") {
      return placeLayer(extra, collection);
    }
    if (extra.kind === "area") {
      return areaLayer(extra);
    }
    if (extra.kind === "sites") {
      return siteLayer(extra);
    }
    var look = overlayStyle(extra);
    return L.geoJSON(collection, { interactive: false, style: look });
  }

  /* What names an overlay: its address, or the id of one that came with the message. */
  function nameOf(extra) {
    return extra.url || extra.id;
  }

  /* Overlays come and go by name; one that stays is not touched. */
  function showExtras(map, extras, call) {
    var wanted = extras.map(nameOf);
    Object.keys(mine.extras).forEach(function (name) {
      if (wanted.indexOf(name) < 0) {
        map.removeLayer(mine.extras[name]);
        delete mine.extras[name];
      }
    });
    return Promise.all(
      extras.map(function (extra) {
        return (extra.url ? fetchOnce(extra.url) : Promise.resolve(null)).then(function (collection) {
          var name = nameOf(extra);
          if (call === shown && !mine.extras[name]) {
            mine.extras[name] = makeExtra(extra, collection).addTo(map);
          } else if (call === shown && extra.kind === "coverage") {
            mine.extras[name].setStyle(overlayStyle(extra));
          }
        });
      })
    ).then(function () {
      if (call === shown) {
        window.vunglomExplore.orderExtras(mine.extras, extras);
      }
    });
  }

  /* A place the page wants looked at, once: afterwards the view is the visitor's. */
  function lookAt(map, focus) {
    var first = !mine.looked;
    mine.looked = true;
    if (focus && focus.id !== mine.focus) {
      mine.focus = focus.id;
      if (!first || !mine.now.explore || !window.vunglomExplore.isPlaced()) {
        if (focus.home) {
          frame.fit(map, mine.now.bounds);
          window.vunglomExplore.isHome();
        } else {
          map.fitBounds(focus.bounds, { padding: [24, 24], maxZoom: focus.closest || 13, animate: false });
        }
      }
    }
  }

  function say(map, text) {
    if (mine.notice) {
      mine.notice.remove();
      mine.notice = null;
    }
    if (text) {
      mine.notice = document.createElement("div");
      mine.notice.className = "vl-notice";
      mine.notice.textContent = text;
      map.getContainer().appendChild(mine.notice);
    }
  }

  function reportPainted() {
    // the canvas paints in the next frame; the one after that, it is on the screen
    requestAnimationFrame(function () {
      requestAnimationFrame(function () {
        var state = window.vunglomState;
        state.classes = {};
        state.thin = [];
        Object.keys(mine.byCode).forEach(function (code) {
          var entry = mine.now.units[code];
          state.classes[code] = entry ? entry[0] : mine.now.missing;
          if (entry && entry[4]) {
            state.thin.push(code);
          }
        });
        state.indicator = mine.now.indicator;
        state.overlays = Object.keys(mine.extras);
        state.paints += 1;
        state.paintedAt = Date.now();
        state.ready = true;
      });
    });
  }

  function paint(map, collection) {
    var fresh = mine.geo !== mine.now.geo;
    mine.selected = mine.now.selected;
    if (fresh) {
      drawUnits(map, collection);
      // another list of the same region leaves the view as it is
      if (!mine.geo || !map.getBounds().intersects(mine.now.bounds)) {
        frame.fit(map, mine.now.bounds);
      }
      mine.geo = mine.now.geo;
    } else {
      mine.units.eachLayer(function (layer) {
        layer.setStyle(unitStyle(layer.feature.properties.code));
      });
    }
    raiseSelected();
    bringIntoView(map, mine.selected);
    window.vunglomState.selected = mine.selected;
  }

  function restyle() {
    mine.units.eachLayer(function (layer) {
      layer.setStyle(unitStyle(layer.feature.properties.code));
    });
    raiseSelected();
  }

  /* Mark the unit at a place that is pointed at elsewhere, and say what a hover would; null lets go. */
  function pointAt(map, at) {
    if (!mine || !mine.units) {
      return;
    }
    var before = mine.pointed;
    var pixel = at && map.latLngToLayerPoint(at);
    var layer = pixel
      ? mine.units.getLayers().find(function (one) {
          return one._containsPoint(pixel);
        })
      : null;
    if (before && before !== layer) {
      before.setStyle(unitStyle(before.feature.properties.code));
      raiseSelected();
    }
    if (layer && before !== layer && layer.feature.properties.code !== mine.selected) {
      layer.setStyle(HOVERED).bringToFront();
      raiseSelected();
    }
    mine.pointed = layer;
    mine.twin = mine.twin || L.tooltip({ direction: "top", offset: [0, -6], className: "vl-tip vl-twin" });
    mine.cross = mine.cross || L.marker(at || [0, 0], { icon: L.divIcon({ className: "vl-twin-cross", iconSize: [22, 22] }), interactive: false, keyboard: false });
    if (!at) {
      mine.twin.remove();
      mine.cross.remove();
    } else {
      mine.cross.setLatLng(at).addTo(map);
      if (layer) {
        mine.twin.setContent(tooltipOf(layer)).setLatLng(at).addTo(map);
      } else {
        mine.twin.remove();
      }
    }
    window.vunglomState.pointed = layer ? layer.feature.properties.code : null;
  }

  /* An element at the end of another; for the scripts beside this one too. */
  function make(tag, name, parent) {
    var one = document.createElement(tag);
    if (name) {
      one.className = name;
    }
    parent.appendChild(one);
    return one;
  }

  /* The picture on a button: one line, which the style sheet strokes. */
  function sign(line) {
    var picture = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    picture.setAttribute("viewBox", "0 0 24 24");
    picture.setAttribute("aria-hidden", "true");
    var path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", line);
    picture.appendChild(path);
    return picture;
  }

  window.vunglom = {
    make: make,
    sign: sign,
    tell: tell,
    codes: function () {
      return Object.keys(mine.byCode);
    },
    restyle: restyle,
    pointAt: pointAt,
    /* The units anew after their entries were changed in place, and what is said of the one under the mouse. */
    repaint: function () {
      restyle();
      var tip = mine.units.getTooltip();
      if (tip && tip.isOpen()) {
        tip.update();
      }
      reportPainted();
    },
    /* `group` is the feature group that brought this call: the component listens to its clicks. */
    show: function (map, group, given) {
      var call = (shown += 1);
      var quarters = window.vunglomQuarters; // a page that opens by itself has none
      mine = mine || begin(map);
      mine.group = group;
      if (given.draw) {
        window.vunglomDraw.show(given.draw);
      }
      fetchOnce(given.geo)
        .then(function (collection) {
          if (call !== shown) {
            return null;
          }
          mine.now = given;
          window.vunglomExplore.take(given);
          if (quarters) {
            quarters.take(given);
          }
          paint(map, collection);
          window.vunglomExplore.shown(map, given);
          if (quarters) {
            quarters.shown(map, given);
          }
          lookAt(map, given.focus);
          if (given.tools) {
            window.vunglomTools.show(map, given);
          }
          if (given.side) {
            window.vunglomLink.show(map, given.side);
          }
          return showExtras(map, given.extras, call);
        })
        .then(function () {
          if (call === shown) {
            say(map, null);
            thinLabels(map);
            reportPainted();
          }
        })
        .catch(function (fault) {
          if (leaving) {
            return; // the visitor went elsewhere before the answer came: nothing failed
          }
          console.error(fault);
          say(map, given.texts.failed);
        });
    },
  };
})();
