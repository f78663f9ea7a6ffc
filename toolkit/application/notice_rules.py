"""Rules of notices: each applies to a programme that lists it under ``[checks]`` with clause, severity, parameters.

[checks.partners_share]
clause = "五.3"
severity = "in principle"
part = "1/3"
"""

from __future__ import annotations

from toolkit.application.eligibility_rules import ELIGIBILITY_RULES
from toolkit.application.limit_rules import LIMIT_RULES
from toolkit.application.requirement_rules import REQUIREMENT_RULES
from toolkit.application.similarity_rules import SIMILARITY_RULES

NOTICE_RULES = (*ELIGIBILITY_RULES, *LIMIT_RULES, *SIMILARITY_RULES, *REQUIREMENT_RULES)
"""Every rule that a programme may list."""
