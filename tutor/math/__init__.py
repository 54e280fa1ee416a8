"""TeX to text, in one line or in two dimensions. Pure functions; no Textual inside."""
