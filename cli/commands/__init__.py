"""One module a noun; each verb is a few lines around one use case."""
