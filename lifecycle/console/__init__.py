"""The staff's pages, across all rooms: what needs a person, what goes out next, and why.

Every view starts from `request.store`, reads the clock once, calls one verb and answers with a page or a redirect (303). It
has no models; multi-table reads for a page stand in `reading_*.py`.
"""
