"""Widgets: the same content as the HTML surface, with buttons. The only room that imports ipywidgets."""
