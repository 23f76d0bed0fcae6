"""管: judging. So far the month's assessment grade; cases, evaluations and the computed score come here too.

Owns the judgement and who published it. It measures nothing (``monitoring`` does) and settles nothing: the contract's
scheme turns points into a coefficient, and ``billing`` applies it.
"""
