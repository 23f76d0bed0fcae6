"""The processes of one machine: the worker, what runs beside it, and how each is started, found, asked and stopped.

Owns their files under ``<home>/work`` (a record of who runs where, a log), their readiness and their order. Owns no
work: that is ``foundation.work``'s; and no page: that is ``portal``'s. Import the module you need: ``worker`` loads the
durable engine, ``machine`` must not.
"""
