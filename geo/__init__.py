"""The analysis package of Vùng Lõm: no streamlit, no folium, no browser."""

__version__ = "0.1.0"
