"""The command line: what the app does, and what goes without a screen. The top of the house: nothing imports it but
`__main__`.

Nothing is imported here: `d2l-tutor` without words must paint before typer or Rich would be loaded.
"""
