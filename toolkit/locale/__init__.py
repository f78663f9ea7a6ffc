"""Translations: ``zh/LC_MESSAGES/truecopy.po`` and the script that keeps it in step with the code."""
