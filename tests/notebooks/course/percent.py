# ---
# title: Percent
# jupyter:
#   jupytext:
#     text_representation:
#       format_name: percent
# ---

# %% [markdown]
# # A percent script
#
# With *text*.

# %% tags=["setup"]
import math

root = math.sqrt(2)

# %% [markdown]
"""
Text in a string.
"""

# %% the last one
# a comment that belongs to the cell

# %time root
root
