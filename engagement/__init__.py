"""What customers do, and what it is worth: each kind of action has a value (closer to buying) and an impact (moves others).

`scoring` is the pure rule of decaying scores; `kinds` the table a store may edit; `reader` takes actions from the event wire, `tracking`
from the API that Segment's libraries speak to, and both write through `actions`; `interests` says which topics somebody cares for;
`advice` what to do next.
"""
