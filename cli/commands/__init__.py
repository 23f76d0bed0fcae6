"""One module a noun; each verb is a few lines around one use case.

Owns a command's words, its example and what it prints. A verb that needs more than that is a use case of a room.
"""
