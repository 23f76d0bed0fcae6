"""门: ``guanyun …``, the command line. Thin: it reads arguments, calls one use case, shows what came back.

Owns words, tables and exit codes. Owns no rule. Start-up stays lazy: a command imports what it uses.
"""
