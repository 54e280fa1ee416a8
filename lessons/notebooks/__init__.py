"""Notebooks of others, read into `lessons.model.Lesson` and written from it: `.ipynb`, MyST, d2lbook and plain
Markdown, jupytext scripts. Reading runs nothing, and holds whatever it is given to bounds of time and memory.

Nothing is imported here: the app asks for a notebook only when a path was named.
"""
