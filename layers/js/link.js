/*
 * Two maps side by side that move as one, with one pointer on both.
 *
 * Both frames are of the same page and the same origin: each leaves its handle at the page's window and calls the other's. A map
 * that follows says nothing, so no movement comes back.
 */
(function () {
  "use strict";

  var SIDES = { a: "b", b: "a" };

  var map = null;
  var side = null;
  var handle = null;
  var following = false;

  function handles() {
    var page = window.parent;
    page.vunglomLinks = page.vunglomLinks || {};
    return page.vunglomLinks;
  }

  function call(name, one, two) {
    var other = handles()[SIDES[side]];
    if (!other) {
      return;
    }
    try {
      other[name](one, two);
    } catch (fault) {
      // a frame that has been taken away
      delete handles()[SIDES[side]];
    }
  }

  function view() {
    var at = map.getCenter();
    return { lat: at.lat, lng: at.lng, zoom: map.getZoom() };
  }

  function lead(exact) {
    if (!following && !window.vunglomFrame.isResizing()) {
      call("follow", view(), exact);
    }
  }

  /* Where the other map's mouse is: the unit below it here, with its name and figure. */
  function point(at) {
    window.vunglom.pointAt(map, at && L.latLng(at.lat, at.lng));
  }

  /* In whole pixels while the other moves, which is cheap; to the letter where it rests. */
  function follow(wanted, exact) {
    var now = view();
    if (now.lat === wanted.lat && now.lng === wanted.lng && now.zoom === wanted.zoom) {
      return;
    }
    following = true;
    try {
      map.setView([wanted.lat, wanted.lng], wanted.zoom, exact ? { reset: true } : { animate: false });
    } finally {
      following = false;
    }
    window.vunglomState.followed = (window.vunglomState.followed || 0) + 1;
  }

  function begin(given, which) {
    map = given;
    side = which;
    handle = { follow: follow, point: point, view: view };
    handles()[side] = handle;
    map.on("move", function () {
      lead(false);
    });
    map.on("moveend", function () {
      lead(true);
    });
    map.on("mousemove", function (event) {
      call("point", { lat: event.latlng.lat, lng: event.latlng.lng });
    });
    map.on("mouseout", function () {
      call("point", null);
    });
    window.addEventListener("pagehide", function () {
      if (handles()[side] === handle) {
        delete handles()[side];
      }
    });
    // both are resized, one after the other: the whole region may stand at another zoom in each
    window.vunglomFrame.on("resized", meet);
    meet();
  }

  /* The first of the two says where; the second comes to it. */
  function meet() {
    if (side === "a") {
      lead(true);
    } else if (handles().a) {
      follow(handles().a.view(), true);
    }
  }

  window.vunglomLink = {
    /* `which`: "a" or "b"; after the units are painted, so that the first view is the list's. */
    show: function (given, which) {
      if (!map) {
        begin(given, which);
      }
    },
  };
})();
