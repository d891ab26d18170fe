"""Every drawn thing: folium only here, one file per layer."""
