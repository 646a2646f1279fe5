"""The demo: two dozen invented customers, each of a recognisable character, and a year of their business with us.

`story` and `neighbours` say what happens, a `Diary` notes it by day, `tell` does it through the services in that order.
"""
