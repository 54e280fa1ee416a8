# # A light script
#
# Comments are text.

import math

# a comment above code belongs to it
circle = math.pi


def area(radius):
    square = radius**2

    return circle * square


# + tags=["held"]
first = area(1)

second = area(2)
# -

# The end.

text = """

many lines

"""
