"""What customers ask, and what is answered: conversations, whatever way the words came.

`hooks` keeps a mail as it came, `arriving` reads it, `matching` finds whose and which conversation it is, `automatic` tells what no person
wrote, `reviewing` what is a review. `conversations` takes words in and does what staff do; `acknowledging` answers at once, with a canned
answer where one fits. While the shop owes somebody an answer, a task of kind `enquiry` is open: so flows know of it, and sell nothing.
"""
