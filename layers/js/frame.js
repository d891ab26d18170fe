/*
 * The frame that a map fills: its size, which the page's style gives it, and the light or dark of the page around it.
 *
 * A map that is resized keeps its middle and zoom to the letter, which Leaflet itself rounds to pixels; one that shows the whole
 * region shows the whole of it in the new size. Neither is a movement: the address and the other of two maps hear of it at the end.
 */
(function () {
  "use strict";

  var WHOLE = { padding: [12, 12], animate: false };

  var map = null;
  var whole = null; // {bounds, at, zoom}: the view of the whole region, as it was last fitted
  var resizing = false;
  var dark = false;
  var acts = { resized: [], themed: [] };

  /* The component writes a fixed height; the frame's own is what the page's style made of it. A frame out of sight may have none:
     nothing fits into that. */
  var place = document.getElementById("map_div");
  if (place) {
    place.style.height = "max(100vh, 240px)";
  }

  function call(name) {
    acts[name].forEach(function (act) {
      act();
    });
  }

  /* ---- size ---- */

  function fit(given, bounds) {
    given.fitBounds(bounds, WHOLE);
    whole = { bounds: bounds, at: given.getCenter(), zoom: given.getZoom() };
  }

  function isWhole(at, zoom) {
    return Boolean(whole) && whole.zoom === zoom && whole.at.lat === at.lat && whole.at.lng === at.lng;
  }

  function resize() {
    var box = map.getContainer();
    var before = map.getSize();
    if (box.clientWidth === before.x && box.clientHeight === before.y) {
      return;
    }
    var at = map.getCenter();
    var zoom = map.getZoom();
    var wasWhole = isWhole(at, zoom);
    resizing = true;
    try {
      map.invalidateSize({ pan: false });
      if (wasWhole) {
        fit(map, whole.bounds);
        window.vunglomExplore.isHome();
      } else {
        map.setView(at, zoom, { reset: true });
      }
    } finally {
      resizing = false;
    }
    call("resized");
  }

  /* ---- light or dark ---- */

  /* A page that opens by itself has none around it, and is light. */
  function pageIsDark() {
    var app = window.parent !== window && window.parent.document.querySelector('[data-testid="stApp"]');
    return Boolean(app) && window.parent.getComputedStyle(app).colorScheme === "dark";
  }

  function take(isDark) {
    dark = isDark;
    document.documentElement.style.colorScheme = document.documentElement.dataset.theme = dark ? "dark" : "light";
  }

  take(pageIsDark());
  // the page tells its frames of another theme as of anything else that changed
  window.addEventListener("message", function (event) {
    var said = event.source === window.parent && event.data && event.data.type === "streamlit:render" && event.data.theme;
    if (said && (said.base === "dark") !== dark) {
      take(said.base === "dark");
      call("themed");
    }
  });

  window.vunglomFrame = {
    /* Once per map. At the event itself and not a frame later, so that no size is shown with the view of another. */
    adopt: function (given) {
      map = given;
      window.addEventListener("resize", resize);
    },
    fit: fit,
    resize: resize,
    isResizing: function () {
      return resizing;
    },
    isDark: function () {
      return dark;
    },
    /* `name`: "resized" or "themed". */
    on: function (name, act) {
      acts[name].push(act);
    },
  };
})();
