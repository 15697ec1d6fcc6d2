"""The pages of segments: the list, the builder (`reading` takes a rule out of a form, `drawing` puts it back), members and their file."""
