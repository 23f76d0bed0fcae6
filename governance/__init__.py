"""管: the rules and the record. Parties, persons, duties; catalogue, prices, SLA; projects, contracts; audit chain.

Owns what may be done, by whom, at what price, and the chain that says it was done. Executes nothing: building is
``infra``'s, measuring ``monitoring``'s, settling ``billing``'s, judging ``supervision``'s.
"""
