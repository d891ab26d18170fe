/* A map that opens by itself: everything is in the page already; a choice of indicator repaints it. */
(function () {
  "use strict";

  var sheet = window.vunglomSheet;

  window.vunglomStandalone = function (map) {
    var group = L.featureGroup().addTo(map);
    var box = document.getElementById("vl-indicator");

    function show(column) {
      window.vunglom.show(map, group, sheet.messages[column]);
      document.querySelectorAll("[data-indicator]").forEach(function (legend) {
        legend.hidden = legend.getAttribute("data-indicator") !== column;
      });
    }

    if (box) {
      box.addEventListener("change", function () {
        show(box.value);
      });
    }
    show(sheet.first);
  };
})();
