"""The customers' pages: tracker, check-in, unsubscribe, preferences. A random token opens each; none needs a session or script.

Mail scanners open every link, so a GET changes nothing here. Pages show first name, town and items at most.
"""
