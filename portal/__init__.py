"""门: the web door. Today the health page, the probes and the metrics; what people do there comes with later issues.

Owns requests, answers, headers and pages. Owns no rule and no record: it asks ``wiring``. It shows no agency's data,
because nobody is logged in yet.
"""
