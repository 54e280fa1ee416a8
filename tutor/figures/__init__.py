"""The pictures that a lesson's text names: where they are, how large, and their pixels. Knows no screen.

Nothing here is fetched or run. Whatever a file says of itself is looked at before it is decoded, and a picture that
cannot be shown is a sentence, never an exception. `gallery` is its face; it is imported with the first picture.
"""
