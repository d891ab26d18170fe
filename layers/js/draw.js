/*
 * Drawing on the map: areas, circles and sites, by mouse and by touch, with no library but Leaflet.
 *
 * Every point is one click or tap, never a drag: a drag moves the map, and a telephone has no hovering. Shapes are kept in
 * `window.drawnItems` and told by the events `draw:created`, `draw:edited` and `draw:deleted`, where the map component
 * looks for them. The server holds the drawing too; it replaces the one on the map only when its number changes.
 */
(function () {
  "use strict";

  var make = window.vunglom.make;
  var sign = window.vunglom.sign;
  var SHAPE = { color: "#7c2d92", weight: 2.5, opacity: 1, fill: true, fillColor: "#7c2d92", fillOpacity: 0.12 };
  var PREVIEW = { color: "#7c2d92", weight: 2, dashArray: "5 5", fill: false, interactive: false };
  var CORNER = { radius: 5, color: "#7c2d92", weight: 2, fillColor: "#ffffff", fillOpacity: 1, interactive: false };
  var TOOLS = ["area", "circle", "site"];
  var SIGNS = {
    area: "M4 19 L8 5 L20 9 L17 20 Z",
    circle: "M12 4 A8 8 0 1 0 12 20 A8 8 0 1 0 12 4 Z",
    site: "M12 21 C7 14 6 12 6 9 A6 6 0 1 1 18 9 C18 12 17 14 12 21 Z M12 7 A2 2 0 1 0 12 11 A2 2 0 1 0 12 7 Z",
    edit: "M5 19 L6 15 L16 5 L19 8 L9 18 Z",
    clear: "M6 7 H18 M9 7 V5 H15 V7 M8 7 L9 20 H15 L16 7",
  };
  var CLOSE_PX = 16;

  var map = null;
  var items = null;
  var renderer = null; // lines of its own: a second canvas would take the mouse from the units below
  var texts = {};
  var revision = null;
  var mode = null; // null or {tool, points, layers}
  var handles = null; // markers of the shape that is being edited
  var bar = null;
  var hint = null;

  function dot(at, className, draggable) {
    var icon = L.divIcon({ className: className, iconSize: [16, 16] });
    return L.marker(at, { icon: icon, draggable: draggable, pane: "vl-handles", keyboard: false });
  }

  function siteMarker(at) {
    var picture = L.divIcon({ className: "vl-site", iconSize: [18, 18], iconAnchor: [9, 9] });
    var marker = L.marker(at, { icon: picture, draggable: true, pane: "vl-handles", alt: texts.site });
    marker.feature = { type: "Feature", properties: { kind: "site" } };
    marker.on("dragend", function () {
      tell("edited", marker);
    });
    return marker;
  }

  function circle(at, radius) {
    var shape = L.circle(at, L.extend({ renderer: renderer, radius: radius }, SHAPE));
    shape.feature = { type: "Feature", properties: { kind: "circle", radius: radius } };
    return shape;
  }

  function area(latlngs) {
    var shape = L.polygon(latlngs, L.extend({ renderer: renderer }, SHAPE));
    shape.feature = { type: "Feature", properties: { kind: "area" } };
    return shape;
  }

  function tell(what, layer) {
    showState();
    map.fire("draw:" + what, { layer: layer, layerType: layer && layer.feature ? layer.feature.properties.kind : "" });
  }

  function add(layer) {
    items.addLayer(layer);
    if (!(layer instanceof L.Marker)) {
      layer.on("click", function (event) {
        if (mode && mode.tool === "edit") {
          L.DomEvent.stopPropagation(event);
          edit(layer);
        }
      });
    }
    return layer;
  }

  /* ---- one tool at a time ---- */

  function start(tool) {
    stop();
    mode = { tool: tool, points: [], preview: L.layerGroup().addTo(map) };
    map.doubleClickZoom.disable();
    map.getContainer().classList.add("vl-drawing");
    if (tool === "edit") {
      var layers = items.getLayers();
      if (layers.length === 1) {
        edit(layers[0]);
      }
    }
    showState();
  }

  function stop() {
    if (mode) {
      mode.preview.remove();
    }
    if (handles) {
      handles.remove();
      handles = null;
    }
    mode = null;
    map.doubleClickZoom.enable();
    map.getContainer().classList.remove("vl-drawing");
    showState();
  }

  function onClick(event) {
    if (!mode || mode.tool === "edit") {
      return;
    }
    if (mode.tool === "site") {
      tell("created", add(siteMarker(event.latlng)));
    } else if (mode.tool === "circle") {
      clickCircle(event.latlng);
    } else {
      clickArea(event.latlng);
    }
  }

  function clickCircle(at) {
    mode.points.push(at);
    if (mode.points.length === 2) {
      var radius = map.distance(mode.points[0], at);
      if (radius < 1) {
        mode.points.pop();
        return;
      }
      var shape = add(circle(mode.points[0], Math.round(radius)));
      stop();
      tell("created", shape);
      return;
    }
    preview(at);
    showState(at);
  }

  function clickArea(at) {
    var points = mode.points;
    if (points.length > 0) {
      var here = map.latLngToContainerPoint(at);
      if (points.length > 2 && here.distanceTo(map.latLngToContainerPoint(points[0])) < CLOSE_PX) {
        finish();
        return;
      }
      if (here.distanceTo(map.latLngToContainerPoint(points[points.length - 1])) < 4) {
        if (points.length > 2) {
          finish(); // the second click of a double one
        }
        return;
      }
    }
    points.push(at);
    preview(at);
    showState(at);
  }

  function preview(at) {
    mode.preview.clearLayers();
    if (!mode.points.length) {
      return;
    }
    if (mode.tool === "circle") {
      L.circle(mode.points[0], L.extend({ renderer: renderer, radius: map.distance(mode.points[0], at) }, PREVIEW)).addTo(mode.preview);
    } else {
      L.polyline(mode.points.concat([at]), L.extend({ renderer: renderer }, PREVIEW)).addTo(mode.preview);
    }
    mode.points.forEach(function (point) {
      L.circleMarker(point, L.extend({ renderer: renderer }, CORNER)).addTo(mode.preview);
    });
    var said = hint.querySelector("span");
    if (said) {
      said.textContent = sentence(at);
    }
  }

  function finish() {
    if (mode && mode.tool === "area" && mode.points.length > 2) {
      var shape = add(area(mode.points));
      stop();
      tell("created", shape);
    } else {
      stop();
    }
  }

  function undo() {
    if (!mode) {
      return;
    }
    if (mode.tool === "site") {
      var sites = items.getLayers().filter(function (layer) {
        return layer instanceof L.Marker;
      });
      if (sites.length) {
        items.removeLayer(sites[sites.length - 1]);
        tell("deleted", null);
      }
      return;
    }
    mode.points.pop();
    preview(mode.points[mode.points.length - 1]);
    showState();
  }

  function clear() {
    stop();
    items.clearLayers();
    tell("deleted", null);
  }

  /* ---- mending a shape: its corners, the middles between them, a circle's centre and edge ---- */

  function edit(layer) {
    if (handles) {
      handles.remove();
    }
    handles = L.layerGroup().addTo(map);
    if (layer instanceof L.Circle) {
      editCircle(layer);
    } else if (layer instanceof L.Polygon) {
      editArea(layer);
    }
    mode.layer = layer;
    showState();
  }

  function editCircle(layer) {
    var east = function () {
      return L.latLng(layer.getLatLng().lat, layer.getBounds().getEast());
    };
    var centre = dot(layer.getLatLng(), "vl-handle", true).addTo(handles);
    var edge = dot(east(), "vl-handle", true).addTo(handles);
    centre.on("drag", function (event) {
      layer.setLatLng(event.latlng);
      edge.setLatLng(east());
    });
    edge.on("drag", function (event) {
      var radius = Math.max(1, Math.round(map.distance(layer.getLatLng(), event.latlng)));
      layer.setRadius(radius);
      layer.options.radius = layer.feature.properties.radius = radius;
      showState();
    });
    [centre, edge].forEach(function (one) {
      one.on("dragend", function () {
        tell("edited", layer);
      });
    });
  }

  function editArea(layer) {
    var ring = layer.getLatLngs()[0];
    ring.forEach(function (corner, place) {
      var handle = dot(corner, "vl-handle", true).addTo(handles);
      handle.on("drag", function (event) {
        ring[place] = event.latlng;
        layer.setLatLngs([ring].concat(layer.getLatLngs().slice(1)));
      });
      handle.on("dragend", function () {
        changed(layer);
      });
      handle.on("click", function (event) {
        L.DomEvent.stopPropagation(event);
        if (ring.length > 3) {
          ring.splice(place, 1);
          layer.setLatLngs([ring].concat(layer.getLatLngs().slice(1)));
          changed(layer);
        }
      });
      var next = ring[(place + 1) % ring.length];
      var middle = L.latLng((corner.lat + next.lat) / 2, (corner.lng + next.lng) / 2);
      var between = dot(middle, "vl-handle vl-handle-middle", true).addTo(handles);
      between.on("dragend", function () {
        ring.splice(place + 1, 0, between.getLatLng());
        layer.setLatLngs([ring].concat(layer.getLatLngs().slice(1)));
        changed(layer);
      });
    });
  }

  function changed(layer) {
    edit(layer);
    tell("edited", layer);
  }

  /* ---- buttons and the line that says what to do ---- */

  function button(parent, name, act) {
    var made = make("button", "vl-tool", parent);
    made.type = "button";
    made.dataset.tool = name;
    made.appendChild(sign(SIGNS[name]));
    make("span", "", made);
    L.DomEvent.on(made, "click", function (event) {
      L.DomEvent.stop(event);
      act();
    });
    return made;
  }

  function makeBar() {
    bar = L.control({ position: "topleft" });
    bar.onAdd = function () {
      var box = L.DomUtil.create("div", "leaflet-bar vl-tools");
      TOOLS.concat(["edit"]).forEach(function (tool) {
        button(box, tool, function () {
          if (mode && mode.tool === tool) {
            stop();
          } else {
            start(tool);
          }
        });
      });
      button(box, "clear", clear);
      L.DomEvent.disableClickPropagation(box);
      return box;
    };
    bar.addTo(map);
    hint = make("div", "vl-draw-hint", map.getContainer());
    L.DomEvent.disableClickPropagation(hint);
    L.DomEvent.disableScrollPropagation(hint);
    L.DomEvent.on(hint, "mousemove", L.DomEvent.stopPropagation);
  }

  function word(parent, text, act, main) {
    var made = make("button", main ? "vl-main" : "", parent);
    made.type = "button";
    made.textContent = text;
    L.DomEvent.on(made, "click", function (event) {
      L.DomEvent.stop(event);
      act();
    });
  }

  function sentence(at) {
    var count = mode.points.length;
    if (mode.tool === "circle" && count) {
      return texts.circle_edge + (at ? " " + radiusText(map.distance(mode.points[0], at)) : "");
    }
    if (mode.tool === "edit" && mode.layer) {
      return mode.layer instanceof L.Circle
        ? texts.edit_circle + " " + radiusText(mode.layer.getRadius())
        : texts.edit_area;
    }
    return texts[mode.tool === "area" && count > 2 ? "area_close" : mode.tool + "_start"];
  }

  function radiusText(metres) {
    return (metres / 1000).toLocaleString(texts.locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 }) + " km";
  }

  function showState(at) {
    if (!bar) {
      return;
    }
    var some = items.getLayers().length > 0;
    bar.getContainer().querySelectorAll("button").forEach(function (made) {
      var tool = made.dataset.tool;
      made.title = texts[tool] || "";
      made.querySelector("span").textContent = texts[tool] || "";
      made.setAttribute("aria-label", texts[tool] || "");
      made.setAttribute("aria-pressed", String(Boolean(mode && mode.tool === tool)));
      made.disabled = (tool === "edit" || tool === "clear") && !some;
    });
    hint.replaceChildren();
    hint.hidden = !mode;
    if (mode) {
      make("span", "", hint).textContent = sentence(at);
      if (mode.tool === "area") {
        if (mode.points.length > 2) {
          word(hint, texts.finish, finish, true);
        }
        if (mode.points.length) {
          word(hint, texts.undo, undo, false);
        }
      } else if (mode.tool === "site" && some) {
        word(hint, texts.undo_site, undo, false);
      }
      word(hint, mode.tool === "site" || mode.tool === "edit" ? texts.done : texts.cancel, stop, false);
    }
    window.vunglomDrawing = {
      tool: mode ? mode.tool : null,
      points: mode ? mode.points.length : 0,
      shapes: items.getLayers().length,
      revision: revision,
    };
  }

  /* ---- what the server says ---- */

  function restore(features) {
    stop();
    items.clearLayers();
    L.geoJSON(features).eachLayer(function (layer) {
      var properties = layer.feature.properties || {};
      if (layer instanceof L.Marker) {
        add(properties.kind === "circle" ? circle(layer.getLatLng(), properties.radius) : siteMarker(layer.getLatLng()));
      } else {
        add(area(layer.getLatLngs()));
      }
    });
  }

  function begin(given) {
    map = given;
    [["vl-drawing", 460], ["vl-handles", 620]].forEach(function (pane) {
      map.createPane(pane[0]).style.zIndex = pane[1];
    });
    renderer = L.svg({ pane: "vl-drawing" });
    items = L.featureGroup().addTo(map);
    map.on("click", onClick);
    map.on("mousemove", function (event) {
      if (mode && mode.points.length) {
        preview(event.latlng);
      }
    });
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape" && mode) {
        stop();
      }
    });
    return items;
  }

  window.vunglomDraw = {
    begin: begin,
    /* `given`: texts of the language, and the drawing with its number. */
    show: function (given) {
      texts = given.texts;
      if (!bar) {
        makeBar();
      }
      if (given.revision !== revision) {
        revision = given.revision;
        restore(given.features);
      }
      showState();
    },
  };
})();
